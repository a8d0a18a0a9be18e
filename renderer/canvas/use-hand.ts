import { type PointerEvent, type RefObject, useEffect, useRef, useState } from 'react'
import { pan, zoomBy } from './view.ts'
import { wheelFactor } from './viewport.ts'

/** Moving and zooming with the hand: drag, Space and drag, middle drag; wheel and pinch around the pointer; Shift and wheel
 *  sideways. There is no paint tool yet, so a plain drag is the hand's. */
export function useHand(box: RefObject<HTMLElement | null>) {
  const [panning, setPanning] = useState(false)
  const last = useRef<{ id: number; x: number; y: number }>(undefined)

  useEffect(() => {
    const element = box.current
    if (element === null) return
    const wheel = (event: WheelEvent) => {
      if (event.target instanceof Element && event.target.closest('[data-scrolls]') !== null) return
      event.preventDefault()
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1
      if (event.shiftKey && !event.ctrlKey) return pan(-(event.deltaX || event.deltaY) * unit, 0)
      const { left, top } = element.getBoundingClientRect()
      // A pinch on a trackpad comes as a wheel with Ctrl and small steps.
      const delta = event.deltaY * unit * (event.ctrlKey && Math.abs(event.deltaY) < 50 ? 5 : 1)
      zoomBy(wheelFactor(delta), { x: event.clientX - left, y: event.clientY - top })
    }
    element.addEventListener('wheel', wheel, { passive: false })
    return () => element.removeEventListener('wheel', wheel)
  }, [box])

  const end = () => {
    last.current = undefined
    setPanning(false)
  }
  return {
    panning,
    handlers: {
      onPointerDown: (event: PointerEvent<HTMLElement>) => {
        if (event.target instanceof Element && event.target.closest('button, [data-handle], .card') !== null) return
        if (event.button > 1) return
        event.currentTarget.setPointerCapture(event.pointerId)
        last.current = { id: event.pointerId, x: event.clientX, y: event.clientY }
        setPanning(true)
      },
      onPointerMove: (event: PointerEvent<HTMLElement>) => {
        const { current } = last
        if (current?.id !== event.pointerId) return
        pan(event.clientX - current.x, event.clientY - current.y)
        last.current = { ...current, x: event.clientX, y: event.clientY }
      },
      onPointerUp: end,
      onPointerCancel: end,
      onKeyDown: (event: React.KeyboardEvent<HTMLElement>) => {
        if (event.target === event.currentTarget && event.key === ' ') event.preventDefault()
      },
    },
  }
}
