import { type PointerEvent, useRef, useState } from 'react'

interface Scrub {
  readonly value: number
  readonly start?: () => void
  /** The press did not move: a click. */
  readonly click: () => void
  /** @param from the value when the press began @param pixels moved to the right, times ten with Shift, a tenth with Alt */
  readonly drag: (from: number, pixels: number) => void
}

/** A press becomes a drag at this distance in pixels; a click before it. */
const THRESHOLD = { mouse: 4, pen: 4, touch: 6 } as const
const threshold = (kind: string): number => (kind === 'touch' ? THRESHOLD.touch : THRESHOLD.mouse)

interface Press {
  readonly id: number
  readonly from: number
  readonly left: number
  last: number
  moved: number
  dragging: boolean
}

/** Handlers that turn a press on a number into scrubbing or a click. */
export function useScrub({ value, start, click, drag }: Scrub) {
  const press = useRef<Press>(undefined)
  const [dragging, setDragging] = useState(false)
  const end = (event: PointerEvent) => {
    const { current } = press
    press.current = undefined
    setDragging(false)
    if (current !== undefined && !current.dragging && event.type === 'pointerup') click()
  }
  return {
    'data-scrubbing': dragging || undefined,
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0 || event.target instanceof HTMLInputElement) return
      press.current = {
        id: event.pointerId,
        from: value,
        left: event.clientX,
        last: event.clientX,
        moved: 0,
        dragging: false,
      }
    },
    onPointerMove: (event: PointerEvent) => {
      const { current } = press
      if (current === undefined || current.id !== event.pointerId) return
      if (event.buttons === 0) return end(event)
      if (!current.dragging && Math.abs(event.clientX - current.left) < threshold(event.pointerType)) return
      if (!current.dragging) {
        // Only now: a captured pointer would send a double click to the field instead of its label.
        event.currentTarget.setPointerCapture(event.pointerId)
        current.dragging = true
        current.last = event.clientX
        setDragging(true)
        start?.()
      }
      current.moved += (event.clientX - current.last) * (event.shiftKey ? 10 : 1) * (event.altKey ? 0.1 : 1)
      current.last = event.clientX
      drag(current.from, current.moved)
    },
    onPointerUp: end,
    onPointerCancel: end,
  }
}
