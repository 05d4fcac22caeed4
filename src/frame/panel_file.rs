//! A panel in a file: built once for its bars, mapped by every run that asks for the same ones.
//!
//! ```text
//! header   4,096 bytes: mark, fingerprint, hash of the body, rows, columns, instruments
//! body     opening times (rows x i64)
//!          the panel's values (columns x rows x f64), as `Panel::values` orders them
//!          a column derived from the closes of each instrument (instruments x rows x f64)
//! ```
//! The fingerprint says which bars these are; the hash says that they are as they were written. A
//! file that is of other bars, cut short or damaged is built again and takes the old one's place
//! when it is whole. Numbers have the byte order of the machine: the mark tells.

use std::{
    fs::{self, File},
    ops::Range,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use blake3::{Hash, Hasher};

use super::{FrameSource, into_panel::lay_group};
use crate::{
    domain::{Field, HorizonWindow, Interval, Panel, SharedValues, Universe},
    error::{Error, Result},
    store::Mapping,
};

const HEADER: usize = 4_096;
/// `BARPNL` and the version of the layout, as one number.
const MARK: u64 = 0x4241_5250_4e4c_0001;
const WORD: usize = size_of::<u64>();
/// Panels of a store that are kept beside the one that is asked for.
const OTHERS_KEPT: usize = 3;
const ENDING: &str = "panel";

/// Which panel is asked for, and how it is made.
pub struct PanelOrder<'a> {
    /// Its instruments.
    pub universe: &'a Universe,
    /// Length of a bar.
    pub interval: Interval,
    /// What is loaded.
    pub window: &'a HorizonWindow,
    /// Fields beside opens and closes.
    pub fields: &'a [Field],
    /// Instruments that are in memory at a time while it is built.
    pub group_assets: usize,
    /// What the values depend on: equal fingerprints, equal panels.
    pub fingerprint: Hash,
    /// Done to the bars of a group of instruments, of which the first has this place in the
    /// universe.
    pub adjust: &'a dyn Fn(&mut Panel, usize),
    /// The derived value of a close.
    pub derive: fn(f64) -> f64,
}

/// A panel that is mapped.
pub struct MappedPanel {
    /// Its bars.
    pub panel: Panel,
    /// The derived columns, one of `rows` values for each instrument.
    pub derived: SharedValues,
    /// Rows fetched from the store to build it; 0 if it was there.
    pub rows_fetched: u64,
    /// Why a file that was there was not used.
    pub replaced: Option<String>,
}

/// The panel of `order` from its file in `folder`, which is built if it is not there.
///
/// # Errors
/// Io, if the folder or the file cannot be written or mapped; as [`super::load_panel`].
pub fn mapped_panel(
    source: &FrameSource,
    order: &PanelOrder<'_>,
    folder: &Path,
) -> Result<MappedPanel> {
    let name = &order.fingerprint.to_hex()[..32];
    let path = folder.join(format!("{name}.{ENDING}"));
    let mut replaced = None;
    if path.exists() {
        match opened(&path, order) {
            Ok((panel, derived)) => {
                return Ok(MappedPanel { panel, derived, rows_fetched: 0, replaced });
            }
            Err(why) => replaced = Some(format!("{} {why}: it is built again", path.display())),
        }
    }
    let fetched_before = source.rows_fetched();
    fs::create_dir_all(folder).map_err(|e| Error::io("make the folder", folder, &e))?;
    build(source, order, &path)?;
    forget_others(folder, &path);
    let (panel, derived) = opened(&path, order)
        .map_err(|why| Error::internal(format!("{}, just built, {why}", path.display())))?;
    let rows_fetched = source.rows_fetched() - fetched_before;
    Ok(MappedPanel { panel, derived, rows_fetched, replaced })
}

/// Where the parts of a file stand, bytes from its beginning.
struct Layout {
    rows: usize,
    columns: usize,
    assets: usize,
}

impl Layout {
    fn ts(&self) -> Range<usize> {
        HEADER..HEADER + self.rows * WORD
    }

    fn values(&self) -> Range<usize> {
        let start = self.ts().end;
        start..start + self.columns * self.rows * WORD
    }

    fn derived(&self) -> Range<usize> {
        let start = self.values().end;
        start..start + self.assets * self.rows * WORD
    }

    fn header(&self, fingerprint: &Hash, body: &Hash) -> Vec<u8> {
        let mut header = Vec::with_capacity(HEADER);
        header.extend_from_slice(&MARK.to_ne_bytes());
        header.extend_from_slice(fingerprint.as_bytes());
        header.extend_from_slice(body.as_bytes());
        for count in [self.rows, self.columns, self.assets] {
            header.extend_from_slice(&(count as u64).to_ne_bytes());
        }
        header.resize(HEADER, 0);
        header
    }
}

/// Maps a file, or says why it is not what is asked for.
fn opened(path: &Path, order: &PanelOrder<'_>) -> Result<(Panel, SharedValues), String> {
    let mapping = Mapping::open(path).map_err(|error| format!("cannot be used ({error})"))?;
    let bytes = mapping.bytes();
    let number = |at: usize| -> Option<usize> {
        let word = bytes.get(at..at + WORD)?.try_into().ok()?;
        usize::try_from(u64::from_ne_bytes(word)).ok()
    };
    let counts = (number(72), number(80), number(88));
    let (Some(rows), Some(columns), Some(assets)) = counts else {
        return Err("is cut short".into());
    };
    let layout = Layout { rows, columns, assets };
    let words = rows.checked_mul(columns.saturating_add(assets).saturating_add(1));
    let whole = words.and_then(|words| words.checked_mul(WORD)?.checked_add(HEADER));
    if whole != Some(bytes.len()) {
        return Err("is cut short or has another shape".into());
    }
    let body = blake3::hash(&bytes[HEADER..]);
    if bytes[..HEADER] != layout.header(&order.fingerprint, &body) {
        return Err("is damaged or of other bars".into());
    }
    let times = bytes[layout.ts()].chunks_exact(WORD);
    let ts = times.filter_map(|word| word.try_into().ok().map(i64::from_ne_bytes)).collect();
    let values = mapping.values(layout.values()).ok_or("is not aligned")?;
    let derived = mapping.values(layout.derived()).ok_or("is not aligned")?;
    Panel::of_shared(order.universe.clone(), ts, order.fields, values)
        .filter(|_| assets == order.universe.len())
        .map(|panel| (panel, derived))
        .ok_or_else(|| "has another shape".into())
}

/// Builds the file a group of instruments at a time and gives it its name when it is whole.
fn build(source: &FrameSource, order: &PanelOrder<'_>, path: &Path) -> Result<()> {
    let unnamed = path.with_extension("new");
    let written = write(source, order, &unnamed);
    if written.is_err() {
        // The first error says what happened.
        let _ = fs::remove_file(&unnamed);
        return written;
    }
    fs::rename(&unnamed, path).map_err(|e| Error::io("name", path, &e))
}

fn write(source: &FrameSource, order: &PanelOrder<'_>, unnamed: &Path) -> Result<()> {
    let failed = |e: std::io::Error| Error::io("write", unnamed, &e);
    let window = order.window;
    let instruments = order.universe.instruments();
    let ts = source.time_axis(instruments, order.interval, window.load_start, window.end)?;
    let file = File::create(unnamed).map_err(failed)?;
    // The columns of one instrument, and the column of NaN if there is one.
    let one =
        Panel::with_fields(Universe::new(instruments[..1].to_vec())?, ts.clone(), order.fields);
    let fields = one.fields().len();
    let absent = &one.values()[fields * ts.len()..];
    let layout = Layout {
        rows: ts.len(),
        columns: instruments.len() * fields + usize::from(!absent.is_empty()),
        assets: instruments.len(),
    };
    let put = |at: usize, words: &mut dyn Iterator<Item = [u8; WORD]>| {
        let block: Vec<u8> = words.flatten().collect();
        file.write_all_at(&block, at as u64).map_err(failed)
    };
    put(layout.ts().start, &mut ts.iter().map(|ts| ts.to_ne_bytes()))?;
    let mut first_asset = 0;
    for group in instruments.chunks(order.group_assets.max(1)) {
        let mut panel =
            Panel::with_fields(Universe::new(group.to_vec())?, ts.clone(), order.fields);
        lay_group(source, group, 0, (order.interval, window), &mut panel)?;
        (order.adjust)(&mut panel, first_asset);
        for at in 0..group.len() {
            let asset = first_asset + at;
            let start = layout.values().start + asset * fields * layout.rows * WORD;
            for (place, &field) in panel.fields().iter().enumerate() {
                let column = panel.column(at, field).iter().map(|value| value.to_ne_bytes());
                put(start + place * layout.rows * WORD, &mut { column })?;
            }
            let closes = panel.column(at, Field::Close).iter();
            let derived = closes.map(|&close| (order.derive)(close).to_ne_bytes());
            put(layout.derived().start + asset * layout.rows * WORD, &mut { derived })?;
        }
        first_asset += group.len();
    }
    let absent = absent.iter().map(|value| value.to_ne_bytes());
    put(layout.values().start + instruments.len() * fields * layout.rows * WORD, &mut { absent })?;
    file.set_len(layout.derived().end as u64).map_err(failed)?;
    seal(&file, &layout, order, unnamed)
}

/// Writes the header, which holds the hash of the body, and brings all to disk.
fn seal(file: &File, layout: &Layout, order: &PanelOrder<'_>, unnamed: &Path) -> Result<()> {
    let failed = |e: std::io::Error| Error::io("write", unnamed, &e);
    let mut hasher = Hasher::new();
    let mapping: Arc<Mapping> = Mapping::open(unnamed)?;
    hasher.update(mapping.bytes().get(HEADER..).unwrap_or_default());
    drop(mapping);
    let header = layout.header(&order.fingerprint, &hasher.finalize());
    file.write_all_at(&header, 0).map_err(failed)?;
    file.sync_all().map_err(failed)
}

/// Removes all but the newest few of the other panels in `folder`. What cannot be removed stays.
fn forget_others(folder: &Path, own: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut others: Vec<(std::time::SystemTime, PathBuf)> = entries
        .flatten()
        .filter(|entry| entry.path() != own)
        .filter(|entry| entry.path().extension().is_some_and(|found| found == ENDING))
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    others.sort_unstable();
    let old = others.len().saturating_sub(OTHERS_KEPT);
    for (_, path) in &others[..old] {
        let _ = fs::remove_file(path);
    }
}
