// Judges an AsyncAPI document (the file named first) with the reference parser. Ends with 1 when it is not valid or only tolerated.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const INFORMATION = 2; // severities: 0 error, 1 warning, 2 information, 3 hint
const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], "utf8"));
const found = diagnostics.filter(({ severity }) => severity < INFORMATION);
for (const { severity, message, path } of found) {
  console.error(`${severity === 0 ? "error" : "warning"}: ${message} (${path.join(".")})`);
}
if (document === undefined || found.length > 0) process.exit(1);
console.log(JSON.stringify({ channels: document.channels().length, operations: document.operations().length, messages: document.messages().length }));
