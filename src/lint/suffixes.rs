//! Under which names strangers can get one of their own.
//!
//! The whole answer is the public suffix list (<https://publicsuffix.org>), which has ten thousand
//! entries and changes daily. A lint may miss some; so this is a selection, made in November 2026: of
//! its first section the country codes' most used second levels, and of its private section the
//! hosts of pages, functions and files that web applications are usually on, with a few of that kind
//! whether they are on it or not.

/// What belongs to whom among the names that end as a pattern does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Under<'a> {
    /// They are one owner's, or nobody can get one.
    OneOwner,
    /// They may be another owner's, if what stands before the end is a part of a name.
    Glued,
    /// Whoever buys one.
    Public(&'a str),
    /// Whoever uses a service.
    Shared(&'a str),
}

/// Whose the hosts are that end in this text.
pub(super) fn under(end: &str) -> Under<'_> {
    let end = without_root(end);
    if let Some(suffix) = shared(end) {
        return Under::Shared(suffix);
    }
    let (owner, suffix) = split(end);
    match owner {
        // Not even a dot: `*com`.
        None if !can_be_sold(suffix) => Under::Glued,
        Some("") if !can_be_sold(suffix) => Under::OneOwner,
        None | Some("") => Under::Public(suffix),
        Some(owner) if owner.contains('.') || is_of_an_address(suffix) => Under::OneOwner,
        Some(_) => Under::Glued,
    }
}

/// Whether names are probably sold under it, as under most countries' `.co` and the like.
pub(super) fn is_like_a_suffix(end: &str) -> bool {
    const KINDS: [&str; 11] = [
        "ac", "co", "com", "edu", "go", "gob", "gov", "ne", "net", "or", "org",
    ];
    let name = without_root(end);
    let name = name.strip_prefix('.').unwrap_or(name);
    let halves = name.split_once('.');
    halves.is_some_and(|(kind, country)| KINDS.contains(&kind) && country.len() == 2)
}

/// Whether a host is a name that somebody bought, or one under it.
pub(super) fn is_sold(host: &str) -> bool {
    let (owner, suffix) = split(without_root(host));
    owner.is_some_and(|owner| !owner.is_empty()) && can_be_sold(suffix)
}

/// A name that ends in the root's dot is the same name.
fn without_root(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// All top levels are of letters, but for those that are written in others.
fn can_be_sold(suffix: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphabetic() || c == '.';
    let is_name = suffix.starts_with("xn--") || !suffix.is_empty() && suffix.chars().all(is_name);
    is_name && !UNSOLD.contains(&suffix)
}

fn is_of_an_address(suffix: &str) -> bool {
    suffix.ends_with(|c: char| c.is_ascii_digit() || c == ']')
}

/// The public suffix at the end, and what stands before its dot, if there is one.
fn split(end: &str) -> (Option<&str>, &str) {
    let before = |suffix: &str| end.strip_suffix(suffix)?.strip_suffix('.');
    for suffix in SECOND_LEVEL {
        if end == *suffix {
            return (None, end);
        }
        if let Some(owner) = before(suffix) {
            return (Some(owner), suffix);
        }
    }
    match end.rsplit_once('.') {
        Some((owner, suffix)) => (Some(owner), suffix),
        None => (None, end),
    }
}

/// The shared suffix, if the label before it is open, in whole or in part.
fn shared(end: &str) -> Option<&'static str> {
    // None if the end is longer by a whole label: that is somebody's already.
    let open = |suffix: &str| {
        let label = end.strip_suffix(suffix)?;
        let label = if label.is_empty() {
            label
        } else {
            label.strip_suffix('.')?
        };
        (!label.contains('.')).then_some(())
    };
    let in_region = |(service, suffix): &&(&str, &str)| {
        let region = end
            .strip_suffix(suffix)
            .and_then(|end| end.strip_suffix('.'));
        let region = region.and_then(|region| region.strip_prefix('.'));
        region.is_some_and(|region| match *service {
            "" => !region.contains('.'),
            service => region.starts_with(service),
        })
    };
    let all = SHARED_IN_REGIONS.iter();
    let region = all.clone().find(in_region).map(|(_, suffix)| suffix);
    let mut suffixes = SHARED.iter().chain(all.map(|(_, suffix)| suffix));
    let suffix = suffixes.find(|suffix| open(suffix).is_some());
    suffix.or(region).copied()
}

/// Top levels that nobody can buy a name under (RFC 6761 and the like, and the names that routers and
/// companies use at home).
const UNSOLD: &[&str] = &[
    "corp",
    "example",
    "home",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "test",
];

/// Second levels under which names are sold.
const SECOND_LEVEL: &[&str] = &[
    "ac.cn", "ac.jp", "ac.uk", "asn.au", "co.id", "co.il", "co.in", "co.jp", "co.ke", "co.kr",
    "co.nz", "co.th", "co.uk", "co.za", "com.ar", "com.au", "com.bd", "com.bo", "com.br", "com.cn",
    "com.co", "com.de", "com.ec", "com.eg", "com.gh", "com.gr", "com.hk", "com.kh", "com.kw",
    "com.lb", "com.mm", "com.mo", "com.mx", "com.my", "com.ng", "com.np", "com.pe", "com.ph",
    "com.pk", "com.pl", "com.pt", "com.py", "com.qa", "com.ro", "com.ru", "com.sa", "com.sg",
    "com.tr", "com.tw", "com.ua", "com.uy", "com.ve", "com.vn", "edu.au", "edu.cn", "go.jp",
    "gov.au", "gov.cn", "gov.uk", "id.au", "me.uk", "ne.jp", "net.au", "net.br", "net.cn",
    "net.in", "net.nz", "or.jp", "or.kr", "org.au", "org.br", "org.cn", "org.hk", "org.in",
    "org.nz", "org.tw", "org.uk", "org.za", "uk.com",
];

/// Suffixes right under which every customer gets a name.
const SHARED: &[&str] = &[
    "amplifyapp.com",
    "appspot.com",
    "azureedge.net",
    "azurefd.net",
    "azurewebsites.net",
    "base44.app",
    "bitbucket.io",
    "blob.core.windows.net",
    "blogspot.com",
    "bolt.host",
    "cloudapp.net",
    "cloudfront.net",
    "codeberg.page",
    "compute-1.amazonaws.com",
    "csb.app",
    "deno.dev",
    "duckdns.org",
    "edgeone.app",
    "eu.org",
    "firebaseapp.com",
    "fly.dev",
    "framer.app",
    "framer.website",
    "github.dev",
    "github.io",
    "githubpreview.dev",
    "gitlab.io",
    "glitch.me",
    "gradio.live",
    "herokuapp.com",
    "hf.space",
    "koyeb.app",
    "lhr.life",
    "loca.lt",
    "lovable.app",
    "myshopify.com",
    "netlify.app",
    "ngrok-free.app",
    "ngrok.app",
    "ngrok.dev",
    "ngrok.io",
    "nip.io",
    "notion.site",
    "ondigitalocean.app",
    "onrender.com",
    "pages.dev",
    "r2.dev",
    "railway.app",
    "readthedocs.io",
    "repl.co",
    "replit.app",
    "replit.dev",
    "s3.amazonaws.com",
    "sslip.io",
    "storage.googleapis.com",
    "streamlit.app",
    "surge.sh",
    "tcloudbaseapp.com",
    "translate.goog",
    "trycloudflare.com",
    "ts.net",
    "tumblr.com",
    "up.railway.app",
    "vercel.app",
    "vercel.dev",
    "vusercontent.net",
    "web.app",
    "webcontainer.io",
    "webflow.io",
    "weebly.com",
    "wixsite.com",
    "wordpress.com",
    "workers.dev",
    "zeabur.app",
];

/// Suffixes with a service and a region before them, under which every customer gets a name: how the
/// service's label begins (anything, if it is but the region), and the suffix.
const SHARED_IN_REGIONS: &[(&str, &str)] = &[
    ("", "azurecontainerapps.io"),
    ("", "azurestaticapps.net"),
    ("", "cloudapp.azure.com"),
    ("", "compute.amazonaws.com"),
    ("", "devtunnels.ms"),
    ("", "digitaloceanspaces.com"),
    ("", "elasticbeanstalk.com"),
    ("", "elb.amazonaws.com"),
    ("", "gitpod.io"),
    ("", "web.core.windows.net"),
    ("cos.", "myqcloud.com"),
    ("cos-website.", "myqcloud.com"),
    ("execute-api.", "amazonaws.com"),
    ("lambda-url.", "on.aws"),
    ("obs.", "myhuaweicloud.com"),
    ("oss-", "aliyuncs.com"),
    ("s3.", "amazonaws.com"),
    ("s3-", "amazonaws.com"),
    ("s3.", "backblazeb2.com"),
    ("", "run.app"),
    ("", "a.run.app"),
];

#[cfg(test)]
mod tests {
    use super::{
        SECOND_LEVEL, SHARED, SHARED_IN_REGIONS, UNSOLD, Under, is_like_a_suffix, is_sold, under,
    };

    #[test]
    fn lists_are_in_order_and_in_lower_case() {
        let regions: Vec<&str> = SHARED_IN_REGIONS
            .iter()
            .map(|(_, suffix)| *suffix)
            .collect();
        for list in [SECOND_LEVEL, SHARED, UNSOLD] {
            assert!(list.is_sorted_by(|a, b| a < b), "{list:?}");
        }
        for name in [SECOND_LEVEL, SHARED, UNSOLD, &regions].concat() {
            assert!(!name.starts_with('.'), "{name}");
            assert!(!name.contains(|c: char| c.is_ascii_uppercase()), "{name}");
        }
        // What is right under a region's suffix is shared already.
        assert!(regions.iter().all(|region| !SHARED.contains(region)));
    }

    #[test]
    fn ends_belong_to_somebody() {
        for (end, whose) in [
            ("", Under::Glued),
            (".", Under::Glued),
            (".com.", Under::Public("com")),
            (".pages.dev.", Under::Shared("pages.dev")),
            (".com", Under::Public("com")),
            ("com", Under::Public("com")),
            (".xn--p1ai", Under::Public("xn--p1ai")),
            (".test", Under::OneOwner),
            (".co.uk", Under::Public("co.uk")),
            ("co.uk", Under::Public("co.uk")),
            ("example.co.uk", Under::Glued),
            (".example.co.uk", Under::OneOwner),
            ("example.com", Under::Glued),
            (".example.com", Under::OneOwner),
            ("a.example.com", Under::OneOwner),
            (".0.1", Under::OneOwner),
            ("0.1", Under::OneOwner),
            (".pages.dev", Under::Shared("pages.dev")),
            ("pages.dev", Under::Shared("pages.dev")),
            ("-a.pages.dev", Under::Shared("pages.dev")),
            (".a.pages.dev", Under::OneOwner),
            ("mypages.dev", Under::Glued),
            (".amazonaws.com", Under::Shared("amazonaws.com")),
            (
                ".s3.eu-west-1.amazonaws.com",
                Under::Shared("amazonaws.com"),
            ),
            (
                ".s3-eu-west-1.amazonaws.com",
                Under::Shared("amazonaws.com"),
            ),
            (".a.s3.eu-west-1.amazonaws.com", Under::OneOwner),
            (
                ".nyc3.digitaloceanspaces.com",
                Under::Shared("digitaloceanspaces.com"),
            ),
            (".a.nyc3.digitaloceanspaces.com", Under::OneOwner),
            (".lambda-url.eu-west-1.on.aws", Under::Shared("on.aws")),
            (".s3.eu-west-1.on.aws", Under::OneOwner),
        ] {
            assert_eq!(under(end), whose, "{end}");
        }
    }

    #[test]
    fn what_is_on_no_list_is_told_by_its_form() {
        for name in [".co.at", "gov.sg.", ".com.xy"] {
            assert!(is_like_a_suffix(name), "{name}");
        }
        for name in ["", ".at", ".app.de", ".co.test", ".a.co.at", ".co"] {
            assert!(!is_like_a_suffix(name), "{name}");
        }
    }

    #[test]
    fn names_are_sold_and_addresses_are_not() {
        for host in [
            "example.com",
            "www.example.com",
            "example.co.uk",
            "a.xn--p1ai",
            "example.com.",
        ] {
            assert!(is_sold(host), "{host}");
        }
        for host in [
            "",
            "com",
            "co.uk",
            ".com",
            "printer",
            "printer.local",
            "192.168.0.1",
            "[::1]",
        ] {
            assert!(!is_sold(host), "{host}");
        }
    }
}
