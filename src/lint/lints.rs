//! The lints, one row each: this table is what the documentation is checked against.

use std::fmt;

use super::Severity;

macro_rules! lints {
    ($($(#[doc = $doc:literal])+ $lint:ident $code:literal $severity:ident $why:literal;)+) => {
        /// What can be found. `docs/lints.md` has a section for each, with an example.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Lint {
            $($(#[doc = $doc])+ $lint,)+
        }

        impl Lint {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$lint),+];

            /// The stable code: a letter for the group and two digits.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$lint => $code,)+
                }
            }

            /// How sure it is that something is wrong.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self {
                    $(Self::$lint => Severity::$severity,)+
                }
            }

            /// Why it matters, in a sentence or two.
            #[must_use]
            pub const fn why(self) -> &'static str {
                match self {
                    $(Self::$lint => $why,)+
                }
            }
        }
    };
}

lints! {
    /// `O01`: an origin that ends in `/`.
    TrailingSlash "O01" Error
        "A browser's Origin has no path, so the value is never equal to one.";

    /// `O02`: an origin with a path, a query, a fragment, user information, a second scheme, a
    /// placeholder or a character that can't be seen, in quotes, or with a host or a port that no page
    /// has; a regular expression.
    NotAnOrigin "O02" Error
        "An Origin is scheme, host and port and nothing else, and it is compared to the byte.";

    /// `O03`: an origin without a scheme, with half of one, or with one misspelled.
    NoScheme "O03" Warning
        "Every Origin that a browser sends begins with a scheme, such as `https://`, or is `null`. A `*` in front takes any scheme, plain http too.";

    /// `O04`: the scheme's own port, written out.
    DefaultPort "O04" Error
        "Browsers leave out port 80 of http and port 443 of https, so the value is never equal to what they send.";

    /// `O05`: upper case in an origin.
    UpperCaseOrigin "O05" Warning
        "Browsers send scheme and host in lower case, and the comparison is by byte.";

    /// `O07`: a `*` at the end of a host.
    OpenEnd "O07" Warning
        "It also stands for the rest of another host: `https://example.com*` takes `https://example.com.evil.example`.";

    /// `O08`: a `*` in front of a name, without a dot between.
    GluedWildcard "O08" Warning
        "It also stands for the start of another name: `https://*example.com` takes `https://evilexample.com`.";

    /// `O09`: a `*` in the scheme.
    AnyScheme "O09" Hint
        "It lets pages in that came over plain http, which anyone on the way can change.";

    /// `O10`: methods that write, for every site.
    EveryoneWrites "O10" Warning
        "Any page on the web may then send these requests from its visitors' browsers.";

    /// `O12`: origins beside `*` in one rule.
    DeadBesideStar "O12" Warning
        "Where a rule lists `*` it answers `*` to everyone: the other origins do nothing, and no page can send credentials.";

    /// `O14`: several origins in one value.
    SeveralInOne "O14" Error
        "A value is one origin. With a comma or a semicolon in it, it is never equal to what a browser sends.";

    /// `O15`: an empty origin.
    EmptyOrigin "O15" Warning
        "It matches nothing.";

    /// `O16`: a host that is not ASCII.
    NotAsciiHost "O16" Warning
        "Browsers send such names in their ASCII form (`xn--...`).";

    /// `O17`: the origin `null`.
    NullOrigin "O17" Warning
        "Every sandboxed frame and every local file sends it: whoever wants to can be `null`.";

    /// `O18`: one of two origins that usually go together.
    LonelyVariant "O18" Hint
        "To a browser `http` and `https`, with `www.` and without, with a dot at the end and without, `localhost` and `127.0.0.1` are different origins.";

    /// `O19`: subdomains without the domain itself.
    NoApex "O19" Hint
        "`https://*.example.com` does not take `https://example.com`.";

    /// `O21`: every name under a suffix where strangers can register one.
    SharedSuffix "O21" Warning
        "Whoever gets a name there is let in.";

    /// `O22`: an origin that other origins of the rule take.
    IdleOrigin "O22" Hint
        "The rule is for it without it.";

    /// `M04`: GET without HEAD.
    GetWithoutHead "M04" Hint
        "Players and download tools ask with HEAD before they GET.";

    /// `M05`: PUT without POST or DELETE.
    UploadIncomplete "M05" Hint
        "A multipart upload begins and ends with POST, and is given up with DELETE.";

    /// `M06`: a method that the rule lists already.
    DuplicateMethod "M06" Hint
        "It adds nothing.";

    /// `H01`: PUT or POST, and no `AllowedHeader`.
    NoHeaders "H01" Warning
        "Nearly every upload sends a header that has to be allowed, if only a Content-Type.";

    /// `H02`: methods that write, and a list without the headers that uploads send.
    MissingHeader "H02" Hint
        "A preflight is refused if one name is missing.";

    /// `H04`: a wildcard inside a header name, under COS.
    UnconfirmedWildcard "H04" Warning
        "COS documents `*` alone; that a part of a name may be left open is not confirmed.";

    /// `H06`: an `AllowedHeader` that no browser asks for.
    NeverRequested "H06" Hint
        "Names that pages may send anyway, or may never set, don't appear in a preflight.";

    /// `H07`: a response header in `AllowedHeader`, or a request header in `ExposeHeader`.
    WrongSide "H07" Hint
        "AllowedHeader is for what the page sends, ExposeHeader for what it reads.";

    /// `H09`: PUT without an exposed `ETag`.
    EtagHidden "H09" Warning
        "A multipart upload is completed with the ETag of every part, and the page can't read what is not exposed.";

    /// `H10`: ranges allowed, and their response headers not exposed.
    RangeHidden "H10" Hint
        "A page that asks for a part can't read which part it got.";

    /// `H11`: no exposed request ID.
    RequestIdHidden "H11" Hint
        "Without it a page can't name the request that failed to the provider's support.";

    /// `H12`: an exposed header that every page may read anyway.
    ReadableAnyway "H12" Hint
        "Cache-Control, Content-Language, Content-Length, Content-Type, Expires, Last-Modified and Pragma need not be exposed.";

    /// `H13`: an exposed header that no page may read.
    NeverReadable "H13" Warning
        "Browsers keep Set-Cookie from pages, exposed or not.";

    /// `H16`: a header that is listed twice, or beside a `*` that allows it.
    IdleHeader "H16" Hint
        "The list says the same without it.";

    /// `A01`: a `MaxAgeSeconds` above what browsers keep.
    MaxAgeCapped "A01" Hint
        "Chromium keeps a preflight's answer for two hours at the most, Firefox for a day.";

    /// `A02`: no `MaxAgeSeconds`.
    NoMaxAge "A02" Hint
        "Browsers then keep a preflight's answer for 5 seconds, and ask again before nearly every request.";

    /// `A03`: a `MaxAgeSeconds` of 0.
    MaxAgeZero "A03" Hint
        "Browsers then ask before every request.";

    /// `V01`: named origins, and no `ResponseVary`, under COS.
    NoVary "V01" Warning
        "Answers that name an origin don't say so to caches: one that was made for no origin, or another, is served to the page, and the browser refuses it.";

    /// `V02`: named origins, under S3.
    VaryNotWithoutOrigin "V02" Hint
        "S3 sends Vary only where the request has an Origin. What an <img> without `crossorigin` put in a cache fails a later fetch.";

    /// `V03`: several origins, and no `ResponseVary`, under COS.
    NoVaryBetweenOrigins "V03" Warning
        "A cache gives the answer that was made for one origin to the others, whose browsers refuse it.";

    /// `V04`: `ResponseVary` where every rule that decides is for `*`.
    VaryForNothing "V04" Hint
        "The answers are the same for every origin; caches keep one copy for each all the same.";

    /// `C01`: a rule for `*`.
    StarWithoutCredentials "C01" Hint
        "Browsers refuse its answers to requests with credentials.";

    /// `C02`: a wildcard that takes nearly everyone.
    BroadCredentials "C02" Warning
        "An origin that a wildcard takes is answered by name, with credentials: the visitor's cookies are sent, and the page reads what they open.";

    /// `R01`: a rule that never decides.
    NeverDecides "R01" Warning
        "For each of its methods, earlier rules take all its origins and allow all its headers.";

    /// `R02`: a named origin behind a rule for `*`.
    StarComesFirst "R02" Warning
        "The first rule that matches answers, and it answers `*`: no page of that origin can send credentials.";

    /// `R05`: an ID that another rule has.
    DuplicateId "R05" Warning
        "Logs and tools can't tell the rules apart.";

    /// `R10`: `ResponseVary`, under S3.
    UnknownToProvider "R10" Warning
        "S3 does not know it: it changes nothing, and no Vary comes of it.";

    /// `R11`: two rules that could be one.
    Mergeable "R11" Hint
        "They differ in their origins alone.";

    /// `R13`: an origin that only earlier rules answer.
    DeadOrigin "R13" Warning
        "Earlier rules take everything that it takes, and the first rule that matches answers.";
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
