//! Text with colours on stdin, a picture of a terminal that shows it on stdout.

use std::io::{self, Read, Write};

use anstyle_svg::Term;

fn main() -> io::Result<()> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    // Bright on dark, which can be read on either page.
    io::stdout().write_all(Term::new().render_svg(&text).as_bytes())
}
