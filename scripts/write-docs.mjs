// Writes the generated parts of the docs: the field table of PROTOCOL.md, the list of ERRORS.md, and the snippets, which are
// files that the tests run. Tests hold all of them to their sources.
import { readFileSync, writeFileSync } from "node:fs";
import { CLIENT_ERROR_CODES } from "../client/connection-error.ts";
import { ERROR_CODES } from "../config/index.ts";
import { fieldTable, QuantizationPlugin } from "../plugins/quantization/index.ts";
import { mergeFields } from "../rooms/index.ts";

const fields = mergeFields([{ plugin: "quantization", encodings: QuantizationPlugin.encodings }]);
replace("docs/PROTOCOL.md", "fields", fieldTable(fields));

const audiences = { client: "Answered to game clients", operator: "For whoever runs `bm`", modder: "For whoever writes plugins" };
const lists = Object.entries(audiences).map(([audience, title]) => {
  const rows = Object.entries(ERROR_CODES).filter(([, entry]) => entry.audience === audience);
  return `## ${title}\n\n| code | HTTP status | meaning |\n| --- | --- | --- |\n${rows.map(([code, { status, text }]) => `| \`${code}\` | ${status} | ${text} |`).join("\n")}`;
});
const faults = Object.entries(CLIENT_ERROR_CODES).map(([code, text]) => `| \`${code}\` | ${text} |`);
lists.push(`## Found by \`bluemarble/client\` itself\n\n| code | meaning |\n| --- | --- |\n${faults.join("\n")}`);
replace("docs/ERRORS.md", "errors", lists.join("\n\n"));

for (const file of ["README.md", "docs/CONFIG.md", "docs/PLUGINS.md"]) {
  const text = readFileSync(file, "utf8").replace(
    /(<!-- snippet: (\S+) -->\n```\w+\n)[\s\S]*?(```\n)/g,
    (_, begin, source, end) => `${begin}${readFileSync(source, "utf8")}${end}`,
  );
  writeFileSync(file, text);
}

function replace(file, name, content) {
  const text = readFileSync(file, "utf8");
  const marked = new RegExp(`(<!-- ${name}:begin -->\n)[\\s\\S]*?(\n<!-- ${name}:end -->)`);
  if (!marked.test(text)) throw new Error(`${file} has no marks for ${name}`);
  writeFileSync(
    file,
    text.replace(marked, (_, begin, end) => `${begin}${content}${end}`),
  );
}
