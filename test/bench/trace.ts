/** Figures of a Chromium trace: what the page's main thread did for each frame, and how long events took to the screen. */

interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  /** Microseconds. */
  readonly ts: number
  readonly dur?: number
  /** Of it, what the thread computed. */
  readonly tdur?: number
  readonly id2?: { readonly local?: string }
  readonly id?: string
  readonly args?: Record<string, unknown>
}

export interface Spread {
  readonly median: number
  readonly p95: number
  readonly longest: number
}

/** All in milliseconds. */
export interface Figures {
  readonly frames: number
  /** Of the page's main thread, for each frame: what it computed in all tasks between the beginning of one frame and that of the
   *  next, and how long these took by the clock; on a busy machine they wait for a processor, too. */
  readonly work: Spread
  readonly clock: Spread
  /** From the beginning of one frame to that of the next. */
  readonly interval: Spread
  /** From a move of the hand to the frame that shows it; absent where nothing was to be shown. */
  readonly latency?: Spread
}

export const readTrace = (text: string): readonly TraceEvent[] => {
  const trace: { traceEvents: TraceEvent[] } = JSON.parse(text)
  return trace.traceEvents
}

const spread = (values: readonly number[]): Spread => {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { median: at(0.5), p95: at(0.95), longest: sorted.at(-1) ?? 0 }
}

/** The figures between the marks `stroke-begins` and `stroke-ends`. @throws Error where the trace has no such marks */
export function figuresOf(events: readonly TraceEvent[]): Figures {
  const mark = (name: string) => events.find(event => event.name === name)
  const [begins, ends] = [mark('stroke-begins'), mark('stroke-ends')]
  if (begins === undefined || ends === undefined)
    throw new Error('The trace does not say when the stroke began and ended.')
  const inside = events.filter(({ ts }) => ts >= begins.ts && ts <= ends.ts)
  const own = inside.filter(({ pid, tid }) => pid === begins.pid && tid === begins.tid)
  const starts = own.filter(({ name, ph }) => name === 'ProxyMain::BeginMainFrame' && ph === 'X').map(({ ts }) => ts)
  const tasks = own.filter(({ name, ph }) => ph === 'X' && name === 'RunTask')
  const work: number[] = []
  const clock: number[] = []
  const interval: number[] = []
  for (const [k, start] of starts.entries()) {
    const end = starts[k + 1]
    if (end === undefined) break
    interval.push((end - start) / 1000)
    // A frame's own task begins before the frame is said to begin.
    const during = tasks.filter(({ ts, dur = 0 }) => ts + dur > start && ts + dur <= end)
    work.push(during.reduce((sum, { dur = 0, tdur = dur }) => sum + tdur, 0) / 1000)
    clock.push(during.reduce((sum, { dur = 0 }) => sum + dur, 0) / 1000)
  }
  const latency = latencies(inside)
  return {
    frames: work.length,
    work: spread(work),
    clock: spread(clock),
    interval: spread(interval),
    ...(latency.length > 0 && { latency: spread(latency) }),
  }
}

/** Moves of the hand that came to the screen, from generation to presentation. */
function latencies(events: readonly TraceEvent[]): number[] {
  const begun = new Map<string, number>()
  const found: number[] = []
  for (const { name, ph, ts, pid, id, id2, args } of events) {
    if (name !== 'EventLatency') continue
    const key = `${pid} ${id2?.local ?? id}`
    if (ph === 'b') {
      const said = JSON.stringify(args)
      if (/MOUSE_MOVED|MouseMoved|MOUSE_DRAGGED/.test(said)) begun.set(key, ts)
    } else if (ph === 'e') {
      const start = begun.get(key)
      begun.delete(key)
      if (start !== undefined) found.push((ts - start) / 1000)
    }
  }
  return found
}
