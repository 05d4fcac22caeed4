//! Labels beside a plot, as long as there is room for them.

use crate::report::html::markup::{Attribute, Markup};

/// Room for the label of a row, and for one that stands upright, in letters of usual width.
pub(super) const ROW: usize = 20;
pub(super) const UPRIGHT: usize = 12;

/// A label; the whole of it is its title.
pub(super) fn label(out: &mut Markup, attributes: &[Attribute<'_>], text: &str, room: usize) {
    out.open("text", attributes)
        .element("title", &[], text)
        .text(shortened(text, room))
        .close("text");
}

/// `text`, without its middle where it takes more than `room`: names often differ in their ends.
fn shortened(text: &str, room: usize) -> String {
    let width = |c: char| if c.is_ascii() { 1 } else { 2 };
    if text.chars().map(width).sum::<usize>() <= room {
        return text.to_owned();
    }
    let side = (room - 1) / 2;
    let within = |letters: &mut dyn Iterator<Item = char>| {
        let mut taken = 0;
        letters
            .take_while(|&c| {
                taken += width(c);
                taken <= side
            })
            .collect::<Vec<char>>()
    };
    let (front, back) = (within(&mut text.chars()), within(&mut text.chars().rev()));
    front.into_iter().chain(['…']).chain(back.into_iter().rev()).collect()
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn a_name_keeps_its_two_ends() {
        assert_eq!(shortened("BTC-USD", 13), "BTC-USD");
        assert_eq!(shortened("thirteen-long", 13), "thirteen-long");
        assert_eq!(shortened("BERKSHIRE-HATHAWAY-B", 13), "BERKSH…AWAY-B");
        assert_eq!(shortened("漢字漢字漢字漢字", 13), "漢字漢…字漢字");
    }
}
