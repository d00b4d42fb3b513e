import { memberFilter } from "../view/urlState";
import { pageAddress, useView } from "../view/view";
import { Link } from "./Link";

/** To the rows of "table.column" that hold a value, at the release of the page. */
export function RowLink({ place, value }: { place: string; value: string }) {
  const view = useView();
  const [table = "", column = ""] = place.split(".");
  return <Link to={pageAddress(view, `/tables/${encodeURIComponent(table)}`, { filters: [memberFilter(column, value)] })}>{value}</Link>;
}
