import { type RefObject, useEffect } from 'react'
import { redo, undo } from '../state/history.ts'
import { dropCancelled } from '../state/runs.ts'
import { takesText } from '../state/shortcut.ts'
import { takeTool, useTools } from '../state/tools.ts'
import { chooseShape } from './actions/shaping.ts'
import { writeOn } from './actions/writing.ts'
import { BrushCursor } from './brush-cursor.ts'
import { doubleClick, handEvent, moveTo, press, release, toolFor } from './pointing.ts'
import type { HandEvent } from './tools/tool.ts'
import { Touches } from './touches.ts'
import { pan, zoomBy } from './view.ts'
import { wheelFactor } from './viewport.ts'

/** What on the stage has a hand of its own: buttons, handles, cards. */
const OWN = 'button, [data-handle], .card, input, textarea, [data-scrolls]'
const isOwn = ({ target }: Event): boolean => target instanceof Element && target.closest(OWN) !== null

/** Tools that only change what is seen. */
const LOOKING = ['hand', 'zoom']

/** A hand that rests on the tablet while the pen is near is none. */
const PALM = 1000

/** Gives what the hand does on the stage to the tool in it. The listeners are the page's own, not React's: between an event and
 *  its pixels there is nothing but the tool. */
export function usePointer(box: RefObject<HTMLElement | null>, cursor: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = box.current
    if (element === null || cursor.current === null) return
    const stop = new AbortController()
    const outline = new BrushCursor(element, cursor.current)
    listen(element, outline, stop.signal)
    listenToSpace(element, stop.signal)
    element.addEventListener('wheel', event => wheel(event, element), { passive: false, signal: stop.signal })
    return () => {
      stop.abort()
      outline.release()
    }
  }, [box, cursor])
}

function listen(element: HTMLElement, outline: BrushCursor, signal: AbortSignal): void {
  let pointer: number | undefined
  let lastPen = Number.NEGATIVE_INFINITY
  const touches = new Touches({ pan, zoom: zoomBy, tapped: count => (count === 2 ? undo() : count === 3 && redo()) })
  const on = (
    name: 'pointerdown' | 'pointermove' | 'pointerup' | 'pointercancel',
    handler: (event: PointerEvent) => void,
  ) => element.addEventListener(name, handler, { signal })
  let rect = element.getBoundingClientRect()
  // Asked once a press or visit: asking at each event would lay the page out again and again.
  const look = () => {
    rect = element.getBoundingClientRect()
  }
  element.addEventListener('pointerenter', look, { signal })
  const isTouch = (event: PointerEvent): boolean => {
    if (event.pointerType === 'pen') lastPen = event.timeStamp
    return event.pointerType === 'touch'
  }
  on('pointerdown', event => {
    if (isOwn(event)) return
    look()
    element.focus({ preventScroll: true })
    if (isTouch(event)) {
      if (event.timeStamp - lastPen > PALM)
        touches.down(event.pointerId, handEvent(event, rect).screen, event.timeStamp)
      return
    }
    const tool = toolFor(event)
    if (tool === undefined || pointer !== undefined) return
    event.preventDefault()
    element.setPointerCapture(event.pointerId)
    pointer = event.pointerId
    element.dataset.pressed = tool.id
    if (!LOOKING.includes(tool.id)) dropCancelled()
    press(tool, handEvent(event, rect))
  })
  on('pointermove', event => {
    if (isTouch(event)) return touches.move(event.pointerId, handEvent(event, rect).screen)
    outline.move(event.clientX - rect.left, event.clientY - rect.top)
    if (pointer !== undefined && pointer !== event.pointerId) return
    const all = pointer === undefined ? [] : event.getCoalescedEvents()
    moveTo((all.length > 0 ? all : [event]).map(each => handEvent(each, rect)))
  })
  const end = (event: PointerEvent) => {
    if (isTouch(event)) return touches.up(event.pointerId, event.timeStamp)
    if (pointer !== event.pointerId) return
    pointer = undefined
    delete element.dataset.pressed
    release(handEvent(event, rect))
  }
  on('pointerup', end)
  on('pointercancel', end)
  element.addEventListener('dblclick', event => !isOwn(event) && twice(handEvent(event, rect)), { signal })
  element.addEventListener('contextmenu', event => event.preventDefault(), { signal })
  element.addEventListener('pointerleave', () => outline.hide(), { signal })
}

/** A double click means something to the tool; with the move tool it goes on with a text or a shape. */
function twice(event: HandEvent): void {
  const isMoving = useTools.getState().tool === 'move'
  if (isMoving && writeOn(event.point)) return
  if (isMoving && chooseShape(event.point)) takeTool('shape')
  else doubleClick(event)
}

/** Space is the hand for as long as it is held. */
function listenToSpace(element: HTMLElement, signal: AbortSignal): void {
  const isFree = ({ target }: Event) =>
    target === element ||
    target === document.body ||
    (target instanceof Element &&
      target.closest('.panel, .tools, .opts') === null &&
      !takesText(target) &&
      target.closest('button') === null)
  window.addEventListener(
    'keydown',
    event => {
      if (event.key !== ' ' || takesText(event.target) || !isFree(event)) return
      event.preventDefault()
      if (!event.repeat) useTools.setState({ held: 'hand' })
    },
    { signal },
  )
  window.addEventListener('keyup', event => event.key === ' ' && useTools.setState({ held: undefined }), { signal })
  window.addEventListener('blur', () => useTools.setState({ held: undefined }), { signal })
}

function wheel(event: WheelEvent, element: HTMLElement) {
  if (event.target instanceof Element && event.target.closest('[data-scrolls]') !== null) return
  event.preventDefault()
  const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1
  if (event.shiftKey && !event.ctrlKey) return pan(-(event.deltaX || event.deltaY) * unit, 0)
  const { left, top } = element.getBoundingClientRect()
  // A pinch on a trackpad comes as a wheel with Ctrl and small steps.
  const delta = event.deltaY * unit * (event.ctrlKey && Math.abs(event.deltaY) < 50 ? 5 : 1)
  zoomBy(wheelFactor(delta), { x: event.clientX - left, y: event.clientY - top })
}
