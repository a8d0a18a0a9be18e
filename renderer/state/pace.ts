/** Lets values through at a pace: the first at once, then the latest of each span of time, so that a fast sender does not keep
 *  the page drawing. Nothing that was given last is ever lost.
 *  @param apply gets the latest value
 *  @param span milliseconds between two
 *  @param join what becomes of a value that was not let through yet when the next one comes */
export function pace<Value>(
  apply: (value: Value) => void,
  span: number,
  join: (waiting: Value, next: Value) => Value = (_, next) => next,
  now: () => number = () => performance.now(),
) {
  let waiting: { value: Value } | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let last = Number.NEGATIVE_INFINITY
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (waiting === undefined) return
    const { value } = waiting
    waiting = undefined
    last = now()
    apply(value)
  }
  const give = (value: Value) => {
    waiting = { value: waiting === undefined ? value : join(waiting.value, value) }
    const due = last + span - now()
    if (due <= 0) flush()
    else timer ??= setTimeout(flush, due)
  }
  return { give, flush }
}
