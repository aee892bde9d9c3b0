//! The README's table is made from the blocks themselves.

use heaters_domain::egress::{BLOCKS, check_address};
use ipnet::IpNet;
use std::path::Path;

const MARK: &str = "<!-- made by a test of tests/download/table.rs -->\n";

fn table() -> String {
    let rows = BLOCKS.iter().map(|block| {
        let network: IpNet = block.network.parse().unwrap();
        let example = network.broadcast();
        assert!(check_address(example).is_err());
        format!("| `{}` | {} | `{example}` |\n", block.network, block.what)
    });
    let others = "| all of IPv6 but `2000::/3` | not a public address | `4000::1` |\n\
        | ports other than 80 and 443 | | `example.org:22` |\n\
        | schemes other than http and https | `file:`, `ftp:`, `data:`, `concat:`, `crypto:`, … | `file:///etc/passwd` |\n\
        | user names and passwords | | `https://user:word@example.org/` |\n";
    format!("\n| refused | is | for example |\n|---|---|---|\n{}{others}", rows.collect::<String>())
}

#[test]
fn the_readme_lists_what_is_refused() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, after) = text.split_once(MARK).expect("the README's mark");
    if after != table() {
        std::fs::write(&path, format!("{before}{MARK}{}", table())).unwrap();
        panic!("README.md was out of date and is made anew: commit it");
    }
}
