import { type PointerEvent, useEffect, useRef, useState } from 'react'
import { curved, type PressureCurve } from '../canvas/painting/pressure.ts'
import { StrokePath, spacingOf, type Touch } from '../canvas/painting/stroke-path.ts'
import { Button } from '../components/Button.tsx'
import { t } from '../language/language.ts'

/** Radius of the brush at full pressure, in CSS pixels. */
const RADIUS = 12
const SMOOTHING = 0.2

/** A sheet to try the pen on: strokes as wide as a brush would make them. */
export function PressurePad({ curve }: { readonly curve: PressureCurve }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const path = useRef<StrokePath>(undefined)
  const [said, setSaid] = useState<number>()
  useEffect(() => clear(canvas.current), [])
  const sized = (pressure: number) => Math.max(0.3, RADIUS * pressure)
  const put = (event: PointerEvent<HTMLCanvasElement>) => {
    const { left, top } = event.currentTarget.getBoundingClientRect()
    const events = event.nativeEvent.getCoalescedEvents()
    for (const each of events.length > 0 ? events : [event.nativeEvent]) {
      const pressure = each.pointerType === 'pen' ? curved(curve, each.pressure) : 1
      setSaid(each.pointerType === 'pen' ? each.pressure : undefined)
      draw(
        event.currentTarget,
        path.current?.add({ x: each.clientX - left, y: each.clientY - top, pressure }) ?? [],
        sized,
      )
    }
  }
  return (
    <div className="pad">
      <canvas
        ref={canvas}
        aria-label={t('Sheet to try the pen on')}
        onPointerDown={event => {
          event.currentTarget.setPointerCapture(event.pointerId)
          path.current = new StrokePath(SMOOTHING, pressure => spacingOf(sized(pressure), 1))
          put(event)
        }}
        onPointerMove={event => path.current !== undefined && put(event)}
        onPointerUp={event => {
          draw(event.currentTarget, path.current?.end() ?? [], sized)
          path.current = undefined
        }}
        data-testid="pressure-pad"
      />
      <div className="pad-foot">
        <span className="t12 t3 num" role="status">
          {said === undefined
            ? t('Try the pen here.')
            : t('The pen says {said} %, it counts as {counted} %.', {
                said: Math.round(said * 100),
                counted: Math.round(curved(curve, said) * 100),
              })}
        </span>
        <Button small look="ghost" onClick={() => clear(canvas.current)}>
          {t('Clear')}
        </Button>
      </div>
    </div>
  )
}

/** Empties the sheet, as large as it is shown. */
function clear(canvas: HTMLCanvasElement | null): void {
  if (canvas === null) return
  canvas.width = canvas.clientWidth * devicePixelRatio
  canvas.height = canvas.clientHeight * devicePixelRatio
}

function draw(canvas: HTMLCanvasElement, touches: readonly Touch[], sized: (pressure: number) => number): void {
  const context = canvas.getContext('2d')
  if (context === null) return
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0)
  context.fillStyle = getComputedStyle(canvas).color
  for (const { x, y, pressure } of touches) {
    context.beginPath()
    context.arc(x, y, sized(pressure), 0, 2 * Math.PI)
    context.fill()
  }
}
