import { isPulling } from "../engine/pulling.ts";
import type { Emit } from "./events.ts";

/**
 * Returns a function that passes events on, and tells once when the client pulls the image. Only what is printed before the
 * container has started is the client's.
 */
export function tellingOfPull(emit: Emit, hasStarted: () => boolean): Emit {
  let isOver = false;
  return (event) => {
    if (event.type === "started") isOver = true;
    if (!isOver && event.type === "output" && isPulling(event.bytes.toString())) {
      isOver = true;
      if (!hasStarted()) emit({ type: "pulling" });
    }
    return emit(event);
  };
}
