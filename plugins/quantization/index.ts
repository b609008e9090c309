export { type FieldRow, fieldRows, fieldTable } from "./field-table.ts";
export { QuantizationPlugin } from "./quantization.plugin.ts";
