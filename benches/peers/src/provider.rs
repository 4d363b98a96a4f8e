//! The two providers under which everything is measured.

use std::fmt;

use bucket_cors::Profile;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    S3,
    Cos,
}

impl Provider {
    pub const ALL: [Self; 2] = [Self::S3, Self::Cos];

    pub fn profile(self) -> Profile {
        match self {
            Self::S3 => Profile::S3,
            Self::Cos => Profile::COS,
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::S3 => "S3",
            Self::Cos => "COS",
        })
    }
}
