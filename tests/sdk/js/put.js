// Puts documents as the SDK writes them: `node put.js HOST:PORT`, lists of rules on stdin.

import { text } from "node:stream/consumers";
import { PutBucketCorsCommand, S3Client } from "@aws-sdk/client-s3";

const client = new S3Client({
  endpoint: `http://${process.argv[2]}`,
  forcePathStyle: true,
  region: "us-east-1",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
});
for (const CORSRules of JSON.parse(await text(process.stdin))) {
  await client.send(new PutBucketCorsCommand({ Bucket: "bucket", CORSConfiguration: { CORSRules } }));
}
