//! A result that is drawn again in place, as long as it changes.

use std::io;

use console::{Term, measure_text_width, truncate_str};

use super::streams::Ui;

/// The lines of a terminal that a result has, below what was there before.
pub struct Screen {
    term: Term,
    /// The widths of the lines that stand there.
    drawn: Vec<usize>,
}

impl Ui {
    /// Where a person sees the result, and the terminal can draw it again.
    pub fn screen(&self) -> Option<Screen> {
        let can = self.surroundings.terminals.stdout && !self.surroundings.dumb;
        can.then(|| Screen { term: Term::stdout(), drawn: Vec::new() })
    }
}

impl Screen {
    /// Draws the text where the one before stands.
    ///
    /// # Errors
    ///
    /// The terminal cannot be written.
    pub fn draw(&mut self, text: &str) -> io::Result<()> {
        let (height, width) = self.term.size();
        let (frame, drawn) = frame(text, &self.drawn, usize::from(height), usize::from(width));
        self.drawn = drawn;
        self.term.write_str(&frame)
    }
}

/// What to write, and the widths of the lines that it leaves, on a terminal of so many lines and columns. It is written
/// over what stands there: nothing blinks. What does not fit is left out, from the end.
fn frame(text: &str, drawn: &[usize], height: usize, width: usize) -> (String, Vec<usize>) {
    let (height, width) = (height.max(2), width.max(1));
    let lines: Vec<_> = text.lines().take(height - 1).map(|line| truncate_str(line, width, "")).collect();
    // A terminal that was made narrower has broken long lines into several.
    let up = drawn.iter().map(|old| old.div_ceil(width).max(1)).sum::<usize>().min(height - 1);
    let up = if up == 0 { String::new() } else { format!("\x1b[{up}A") };
    let rows: Vec<String> = lines.iter().map(|line| format!("{line}\x1b[K\n")).collect();
    let widths = lines.iter().map(|line| measure_text_width(line)).collect();
    (format!("{up}\r{}\x1b[J", rows.concat()), widths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_frame_goes_below_what_was_there() {
        assert_eq!(frame("a\nbb\n", &[], 24, 80), ("\ra\x1b[K\nbb\x1b[K\n\x1b[J".to_owned(), vec![1, 2]));
    }

    #[test]
    fn the_next_one_takes_its_place() {
        assert_eq!(frame("c\n", &[1, 2], 24, 80).0, "\x1b[2A\rc\x1b[K\n\x1b[J");
    }

    #[test]
    fn what_a_narrower_terminal_broke_is_taken_too() {
        assert_eq!(frame("c\n", &[10, 0], 24, 4).0, "\x1b[4A\rc\x1b[K\n\x1b[J");
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let (frame, widths) = frame("abc\nd\ne\n", &[1; 9], 3, 2);
        assert_eq!((frame.as_str(), widths), ("\x1b[2A\rab\x1b[K\nd\x1b[K\n\x1b[J", vec![2, 1]));
    }
}
