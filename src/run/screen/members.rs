//! The members of a combination in eight bytes.

/// Most members of a combination that is screened.
pub(super) const MOST_MEMBERS: usize = 4;
/// Stands where there is no member: no universe is so large.
const NOBODY: u16 = u16::MAX;

/// Up to four positions in the universe, in the order of the test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Members([u16; MOST_MEMBERS]);

impl Members {
    /// Members at `positions`, at most four.
    pub(super) fn of(positions: &[u16]) -> Self {
        let mut members = [NOBODY; MOST_MEMBERS];
        for (member, position) in members.iter_mut().zip(positions) {
            *member = *position;
        }
        Self(members)
    }

    /// The pair of two columns.
    pub(super) fn pair(first: usize, second: usize) -> Self {
        let position = |at: usize| u16::try_from(at).unwrap_or(NOBODY);
        Self::of(&[position(first), position(second)])
    }

    /// Bytes of them in a file.
    pub(super) const BYTES: usize = 2 * MOST_MEMBERS;

    /// As so many bytes.
    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        for (two, member) in bytes.chunks_exact_mut(2).zip(self.0) {
            two.copy_from_slice(&member.to_le_bytes());
        }
        bytes
    }

    /// Those of [`Self::to_bytes`].
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        let mut members = [NOBODY; MOST_MEMBERS];
        for (member, two) in members.iter_mut().zip(bytes.chunks_exact(2)) {
            *member = u16::from_le_bytes([two[0], two[1]]);
        }
        Self(members)
    }

    /// Their positions.
    pub(super) fn positions(&self) -> &[u16] {
        let count = self.0.iter().position(|member| *member == NOBODY);
        &self.0[..count.unwrap_or(MOST_MEMBERS)]
    }
}

#[cfg(test)]
mod tests {
    use super::Members;

    #[test]
    fn members_are_what_they_were_made_of() {
        for positions in [&[3, 7][..], &[9, 0, 4], &[1, 2, 3, 4]] {
            assert_eq!(Members::of(positions).positions(), positions);
            let bytes = Members::of(positions).to_bytes();
            assert_eq!(Members::from_bytes(&bytes).positions(), positions);
        }
        assert_eq!(Members::pair(5, 2).positions(), [5, 2]);
    }
}
