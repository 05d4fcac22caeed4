//! A file that is written whole or not at all.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::Path,
};

use crate::error::{Error, Result};

/// Lets `fill` write `output`: beside its place first, then into it.
///
/// # Errors
/// What `fill` or the disk reports; then what stood there stands there still.
pub(super) fn write(
    output: &Path,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<()> {
    let failed = |source: io::Error| Error::io("write", output, &source);
    if fs::metadata(output).is_ok_and(|found| !found.is_file()) {
        // A pipe or a device: there is nothing to put into its place.
        let mut file = BufWriter::new(File::create(output).map_err(failed)?);
        return fill(&mut file).and_then(|()| file.flush()).map_err(failed);
    }
    let mut name = output.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    let partial = output.with_file_name(name);
    let put = || -> io::Result<()> {
        let mut file = BufWriter::new(File::create(&partial)?);
        fill(&mut file)?;
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&partial, output)
    };
    put().map_err(|source| {
        // What is left of it is of no use to anybody.
        let _ = fs::remove_file(&partial);
        failed(source)
    })
}
