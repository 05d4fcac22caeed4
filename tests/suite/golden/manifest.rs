//! What a folder's manifest says there should be.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// The case file and data files a manifest lists.
pub(super) struct Manifest {
    pub(super) families: Vec<Listed>,
    pub(super) data: Vec<PathBuf>,
}

/// One case file of a manifest.
pub(super) struct Listed {
    pub(super) file: PathBuf,
    pub(super) cases: usize,
    /// Ids of the first cases, or of all.
    pub(super) ids: Vec<String>,
}

impl Manifest {
    /// Reads `manifest.json` of `root`; `None` where there is none.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(super) fn read(root: &Path) -> Result<Option<Self>, String> {
        let path = root.join("manifest.json");
        if !path.exists() {
            return Ok(None);
        }
        let text = fs::read_to_string(&path).map_err(|e| format!("manifest.json: {e}"))?;
        let content: Value =
            serde_json::from_str(&text).map_err(|e| format!("manifest.json: {e}"))?;
        let files = content["case_files"].as_array().ok_or("the manifest lists no case files")?;
        let families = files.iter().map(Listed::of).collect::<Option<Vec<_>>>();
        let data = content["data_files"].as_array().into_iter().flatten();
        let path = |file: &Value| file["file"].as_str().map(PathBuf::from);
        let data = data.map(path).collect::<Option<Vec<_>>>();
        match (families, data) {
            (Some(families), Some(data)) if !families.is_empty() => {
                Ok(Some(Self { families, data }))
            }
            _ => Err("the manifest's entries lack a file or a count".to_owned()),
        }
    }
}

impl Listed {
    fn of(entry: &Value) -> Option<Self> {
        let ids = entry["ids"].as_array().into_iter().flatten();
        Some(Self {
            file: PathBuf::from(entry["file"].as_str()?),
            cases: usize::try_from(entry["n_cases"].as_u64()?).ok()?,
            ids: ids.filter_map(|id| id.as_str().map(str::to_owned)).collect(),
        })
    }
}
