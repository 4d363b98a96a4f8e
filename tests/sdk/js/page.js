// What a page does with the SDK as it comes: an upload, and a look at it.

import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";

export async function upload({ endpoint, bucket, key, text }) {
  const client = new S3Client({
    endpoint,
    forcePathStyle: true,
    region: "us-east-1",
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
    maxAttempts: 1,
  });
  const object = { Bucket: bucket, Key: key };
  try {
    const put = await client.send(
      new PutObjectCommand({ ...object, Body: text, ContentType: "application/json", Metadata: { author: "a" } }),
    );
    const got = await client.send(new GetObjectCommand(object));
    return { etag: put.ETag ?? null, text: await got.Body.transformToString() };
  } catch (error) {
    return { error: error.name };
  }
}
