//! The operations on documents: s3s's types, turned into the crate's and back.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use bucket_cors::{Configuration, Profile, Rule, RuleSet};
use s3s::dto::{
    CORSRule, DeleteBucketCorsInput, DeleteBucketCorsOutput, GetBucketCorsInput,
    GetBucketCorsOutput, PutBucketCorsInput, PutBucketCorsOutput,
};
use s3s::{S3, S3Error, S3ErrorCode, S3Request, S3Response};

pub type Documents = HashMap<String, (Configuration, Arc<RuleSet>)>;
type Answer<T> = s3s::S3Result<S3Response<T>>;

/// Of a store, what has to do with CORS; objects, and who may reach them, are the rest.
#[derive(Clone, Default)]
pub struct Store(pub Arc<ArcSwap<Documents>>);

#[async_trait::async_trait]
impl S3 for Store {
    async fn put_bucket_cors(
        &self,
        request: S3Request<PutBucketCorsInput>,
    ) -> Answer<PutBucketCorsOutput> {
        let PutBucketCorsInput {
            bucket,
            cors_configuration,
            ..
        } = request.input;
        let configuration = cors_configuration
            .cors_rules
            .into_iter()
            .map(from_s3s)
            .collect();
        let rules = RuleSet::compile(&configuration, Profile::S3).map_err(|error| {
            let code = S3ErrorCode::from_bytes(error.code().as_bytes());
            S3Error::with_message(code.unwrap_or(S3ErrorCode::InvalidRequest), error.message())
        })?;
        let document = (configuration, Arc::new(rules));
        self.change(|documents| {
            documents.insert(bucket.clone(), document.clone());
        });
        Ok(S3Response::new(PutBucketCorsOutput::default()))
    }

    async fn get_bucket_cors(
        &self,
        request: S3Request<GetBucketCorsInput>,
    ) -> Answer<GetBucketCorsOutput> {
        let documents = self.0.load();
        let document = documents.get(&request.input.bucket);
        let (configuration, _) = document.ok_or(S3ErrorCode::NoSuchCORSConfiguration)?;
        let rules = configuration.rules.iter().cloned().map(to_s3s).collect();
        Ok(S3Response::new(GetBucketCorsOutput {
            cors_rules: Some(rules),
        }))
    }

    async fn delete_bucket_cors(
        &self,
        request: S3Request<DeleteBucketCorsInput>,
    ) -> Answer<DeleteBucketCorsOutput> {
        self.change(|documents| {
            documents.remove(&request.input.bucket);
        });
        Ok(S3Response::new(DeleteBucketCorsOutput::default()))
    }
}

impl Store {
    fn change(&self, change: impl Fn(&mut Documents)) {
        self.0.rcu(|documents| {
            let mut documents = Documents::clone(documents);
            change(&mut documents);
            documents
        });
    }
}

fn from_s3s(from: CORSRule) -> Rule {
    let mut rule = Rule::new(from.allowed_origins, from.allowed_methods);
    rule.id = from.id;
    rule.allowed_headers = from.allowed_headers.unwrap_or_default();
    rule.expose_headers = from.expose_headers.unwrap_or_default();
    rule.max_age_seconds = from.max_age_seconds.map(i64::from);
    rule
}

fn to_s3s(rule: Rule) -> CORSRule {
    let list = |values: Vec<String>| (!values.is_empty()).then_some(values);
    CORSRule {
        id: rule.id,
        allowed_origins: rule.allowed_origins,
        allowed_methods: rule.allowed_methods,
        allowed_headers: list(rule.allowed_headers),
        expose_headers: list(rule.expose_headers),
        max_age_seconds: rule
            .max_age_seconds
            .and_then(|seconds| i32::try_from(seconds).ok()),
    }
}
