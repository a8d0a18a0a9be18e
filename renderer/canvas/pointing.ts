import { useEngine } from '../state/engine.ts'
import { toolNow, useTools } from '../state/tools.ts'
import { insteadOf, perform, surroundings } from './actions/effects.ts'
import { curved, PLAIN } from './painting/pressure.ts'
import { hand } from './tools/hand.ts'
import { toolOf } from './tools/index.ts'
import type { HandEvent, Happening, Machine, Tool } from './tools/tool.ts'
import { useView } from './view.ts'
import { toDocument } from './viewport.ts'

/** The tool at work and its state, between the events of the hand. */

interface Working {
  readonly tool: Tool
  readonly machine: Machine
}

let working: Working | undefined
let lastEvent: HandEvent | undefined

export const stateNow = (): string => working?.machine.state() ?? 'idle'
const isIdle = (): boolean => stateNow() === 'idle'

/** The machine of a tool; one that is in the middle of something keeps it. */
function take(tool: Tool): Working {
  if (working?.tool !== tool) {
    tell('cancel')
    working = { tool, machine: tool.start() }
  }
  return working
}

function tell(happening: Happening, event = lastEvent): void {
  if (working === undefined || event === undefined) return
  const { tool, machine } = working
  for (const effect of machine.send(happening, event, surroundings(tool))) perform(tool, effect)
}

/** What the hand has done, from an event of the page. @param box the stage */
export function handEvent(event: PointerEvent | MouseEvent, box: DOMRect): HandEvent {
  const screen = { x: event.clientX - box.left, y: event.clientY - box.top }
  const isPen = 'pointerType' in event && event.pointerType === 'pen'
  return {
    point: toDocument(screen, useView.getState().view),
    screen,
    pressure: isPen && 'pressure' in event ? counted(event.pressure) : 1,
    shift: event.shiftKey,
    alt: event.altKey,
    ctrl: event.ctrlKey || event.metaKey,
  }
}

/** A pressure of the pen as the person wants it to count. */
const counted = (pressure: number): number => curved(useEngine.getState().settings?.pressureCurve ?? PLAIN, pressure)

const ERASER = 5
const MIDDLE = 1
const BARREL = 2

/** The tool that a press uses: the pen's other end erases, its barrel button and the middle button move the canvas. Nothing for
 *  buttons that mean something else. */
export function toolFor({ pointerType, button }: Pick<PointerEvent, 'pointerType' | 'button'>): Tool | undefined {
  if (button === ERASER) return toolOf('eraser')
  if (button === MIDDLE || (pointerType === 'pen' && button === BARREL)) return hand
  if (button !== 0) return undefined
  return pointerType === 'touch' ? hand : insteadOf(toolNow(), hand)
}

export function press(tool: Tool, event: HandEvent): void {
  lastEvent = event
  take(tool)
  tell('down', event)
}

/** @param events all that happened since the frame before; only strokes want them all */
export function moveTo(events: readonly HandEvent[]): void {
  const last = events.at(-1)
  if (last === undefined || working === undefined || isIdle()) return
  lastEvent = last
  for (const event of stateNow() === 'painting' ? events : [last]) tell('move', event)
}

export function release(event: HandEvent): void {
  if (working === undefined || isIdle()) return
  lastEvent = event
  tell('up', event)
}

export function doubleClick(event: HandEvent): void {
  if (working !== undefined && !isIdle()) tell('double', event)
}

/** Takes back what the hand is doing. Returns whether it did anything. */
export function cancelGesture(): boolean {
  if (isIdle()) return false
  tell('cancel')
  return true
}

/** Enter: ends what is drawn corner by corner, does what was chosen. */
export const confirmGesture = (): void => tell('confirm')
export const canConfirm = (): boolean => ['corners', 'chosen'].includes(stateNow())

// Another tool ends what the one before was in the middle of.
useTools.subscribe((now, before) => {
  if (now.tool !== before.tool && !isIdle()) cancelGesture()
})
