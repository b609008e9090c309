export { fieldTable } from "./field-table.ts";
export { QuantizationPlugin } from "./quantization.plugin.ts";
