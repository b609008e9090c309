import { displayWidth, padded } from "./display-width.ts";
import { styled } from "./style.ts";

/** A column of a {@link table}. */
export interface Column<Row> {
  title: string;
  /** What stands in a row; numbers are put to the right. */
  value: (row: Row) => string | number;
}

/** Columns between two cells. */
const GAP = "  ";

/**
 * Rows under their titles, each column as wide as its widest cell. No trailing blanks, so that it can be compared and piped.
 * @returns lines joined by newlines, without one at the end.
 */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const cells = rows.map((row) => columns.map((column) => column.value(row)));
  const widths = columns.map((column, index) =>
    Math.max(displayWidth(column.title), ...cells.map((row) => displayWidth(String(row[index])))),
  );
  const right = columns.map((_, index) => cells.length > 0 && cells.every((row) => typeof row[index] === "number"));
  const line = (texts: readonly string[]) =>
    texts
      .map((text, index) => padded(text, widths[index] ?? 0, right[index] === true ? "right" : "left"))
      .join(GAP)
      .trimEnd();
  const titles = styled("bold", line(columns.map((column) => column.title)));
  return [titles, ...cells.map((row) => line(row.map(String)))].join("\n");
}
