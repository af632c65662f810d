// AWS Lambda@Edge: the example in AWS's own Runtime Interface Client.
import { runFolder } from "../../folder.mjs";

runFolder("ric", import.meta.url, { timeout: 60_000 });
