import { formatMoment } from "../time/dates";
import { useView } from "../view/view";

/** A moment in the project's time zone. */
export function Moment({ at }: { at: string }) {
  const view = useView();
  return <time dateTime={at}>{formatMoment(at, view.project.time_zone)}</time>;
}
