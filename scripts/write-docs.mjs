// Writes the generated parts of docs/: the field table of PROTOCOL.md and the list of ERRORS.md. Tests hold them to the code.
import { readFileSync, writeFileSync } from "node:fs";
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
replace("docs/ERRORS.md", "errors", lists.join("\n\n"));

function replace(file, name, content) {
  const text = readFileSync(file, "utf8");
  const marked = new RegExp(`(<!-- ${name}:begin -->\n)[\\s\\S]*?(\n<!-- ${name}:end -->)`);
  if (!marked.test(text)) throw new Error(`${file} has no marks for ${name}`);
  writeFileSync(
    file,
    text.replace(marked, (_, begin, end) => `${begin}${content}${end}`),
  );
}
