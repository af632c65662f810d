// AWS Lambda@Edge: the example, with CloudFront's events, in lambda-local.
import { runFolder } from "../../folder.mjs";

runFolder("lambda", import.meta.url);
