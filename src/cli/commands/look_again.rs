//! What became of the import of a file that ended with an error of the store.

use crate::{
    error::{Error, ErrorKind, Result},
    store::{
        Store,
        import::{ImportTerms, SourceFile},
    },
};

/// True for an error after which only the store knows whether the import was committed.
pub(super) fn is_open(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Store | ErrorKind::DiskFull)
}

/// Whether the import that `error` ended was committed all the same: the store is opened again, for
/// reading only, and asked. `Ok` is the number of the import and the error.
///
/// # Errors
/// `error`, where nothing is stored or the store cannot be asked; on a full disk with the bytes that
/// are enough, of which the file takes `room_bytes`.
pub(super) fn look_again(
    store: &mut Option<Store>,
    file: &SourceFile,
    terms: &ImportTerms,
    error: Error,
    room_bytes: impl FnOnce() -> u64,
) -> Result<(i64, Error)> {
    let Some(open) = store.take() else { return Err(error) };
    let error = open.placed(error);
    let Ok(open) = open.to_read_again() else { return Err(error) };
    let earlier = open.earlier_import(file, terms)?;
    let (_, log_bytes) = Store::file_bytes(open.path());
    let beside = open.path().display().to_string();
    *store = Some(open);
    let full = error.is_disk_full();
    let needed = if full { room_bytes() + log_bytes } else { 0 };
    match earlier {
        Some(earlier) if full => Ok((
            earlier.import_id,
            error.with_hint(format!(
                "everything committed is kept, in the log beside {beside}; {needed} bytes more are \
                 enough to bring it into the file and to go on: free them and run again"
            )),
        )),
        Some(earlier) => Ok((earlier.import_id, error)),
        None if full => Err(error.with_hint(format!(
            "nothing of this file is stored, files before it are; {needed} bytes more beside \
             {beside} are enough for it: free them and run again"
        ))),
        None => Err(error),
    }
}
