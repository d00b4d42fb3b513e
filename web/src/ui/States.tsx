import type { ComponentChildren } from "preact";
import type { Failure } from "../api/client";
import type { Resource } from "../api/resource";
import { text } from "../text/catalogue";

/** Grey bars in the place of what will come, as high as it will be. */
export function Skeleton({ lines = 4, height }: { lines?: number; height?: number }) {
  return (
    <div class="skeleton" role="status" style={height === undefined ? undefined : { minHeight: `${height}px` }}>
      <span class="visually-hidden">{text.loading}</span>
      {Array.from({ length: lines }, (_, index) => <div class="skeleton-line" key={index} />)}
    </div>
  );
}

export function FailureBox({ failure, onRetry }: { failure: Failure; onRetry?: () => void }) {
  const silent = failure.status === 0;
  return (
    <div class="failure" role="alert">
      <p class="failure-title">{silent ? text.states.noServer : failure.title || text.states.failed}</p>
      <p>{silent ? text.states.noServerHint : failure.detail}</p>
      {failure.requestId === null ? null : <p class="muted small">{text.states.request(failure.requestId)}</p>}
      {onRetry === undefined ? null : <button type="button" onClick={onRetry}>{text.retry}</button>}
    </div>
  );
}

export function Empty({ title, hint }: { title: string; hint?: string }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {hint === undefined ? null : <p class="muted">{hint}</p>}
    </div>
  );
}

interface LoadedProps<T> {
  readonly of: Resource<T>;
  readonly height?: number;
  readonly children: (data: T) => ComponentChildren;
}

/** One of: skeleton, failure with a retry, or the content (dimmed while the next one loads). */
export function Loaded<T>({ of: resource, height, children }: LoadedProps<T>) {
  if (resource.failure !== null) return <FailureBox failure={resource.failure} onRetry={resource.retry} />;
  if (resource.data === null) return height === undefined ? <Skeleton /> : <Skeleton height={height} />;
  return <div class={resource.loading ? "loading-anew" : undefined} aria-busy={resource.loading}>{children(resource.data)}</div>;
}
