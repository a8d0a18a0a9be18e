import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react'
import { PLAIN, type PressureCurve } from '../canvas/painting/pressure.ts'
import { Segmented } from '../components/Segmented.tsx'
import { t } from '../language/language.ts'
import type { Settings } from '../state/api.ts'
import { changeSettings } from '../state/preferences.ts'
import { PressurePad } from './PressurePad.tsx'

const CURVES: Readonly<Record<string, PressureCurve>> = {
  soft: [0.1, 0.5, 0.5, 1],
  plain: PLAIN,
  firm: [0.5, 0.1, 0.9, 0.5],
}
const CHOICES = [
  { value: 'soft', label: 'Light hand' },
  { value: 'plain', label: 'Plain' },
  { value: 'firm', label: 'Firm hand' },
] as const

/** Settings of the hand at the canvas. */
export function CanvasSettings({ settings }: { readonly settings: Settings }) {
  const [dragged, setDragged] = useState<PressureCurve>()
  const curve = dragged ?? settings.pressureCurve
  const keep = (next: PressureCurve) => {
    setDragged(undefined)
    void changeSettings({ pressureCurve: [...next] }, t('The pen’s pressure counts in another way.'))
  }
  const chosen = CHOICES.find(({ value }) => String(CURVES[value]) === String(curve))
  return (
    <section aria-labelledby="canvas-settings">
      <h2 id="canvas-settings">{t('Canvas')}</h2>
      <div className="setting">
        <span>
          {t('Pressure of the pen')}
          <small>
            {t(
              'How much a pressure counts: across what the pen says, up what the brush is told. What it drives, size, opacity or nothing, is set in each tool under More. A mouse always presses fully.',
            )}
          </small>
        </span>
        <Segmented
          label={t('Pressure of the pen')}
          value={chosen?.value}
          choices={CHOICES}
          onChange={next => keep(CURVES[next] ?? PLAIN)}
        />
      </div>
      <div className="pressure">
        <CurveEditor curve={curve} onDrag={setDragged} onDone={keep} />
        <PressurePad curve={curve} />
      </div>
    </section>
  )
}

const SIDE = 160
const STEP = 0.02
const clamp = (value: number) => Math.min(1, Math.max(0, value))
const rounded = (value: number) => Math.round(clamp(value) * 1000) / 1000
const percent = (value: number) => `${Math.round(value * 100)} %`

interface EditorProps {
  readonly curve: PressureCurve
  readonly onDrag: (curve: PressureCurve) => void
  readonly onDone: (curve: PressureCurve) => void
}

/** The curve with its two handles: dragged, or moved with the arrow keys. */
function CurveEditor({ curve, onDrag, onDone }: EditorProps) {
  const box = useRef<SVGSVGElement>(null)
  const moved = (handle: 0 | 1, x: number, y: number): PressureCurve => {
    const [x1, y1, x2, y2] = curve
    return handle === 0 ? [rounded(x), rounded(y), x2, y2] : [x1, y1, rounded(x), rounded(y)]
  }
  const at = (handle: 0 | 1, event: PointerEvent): PressureCurve => {
    const { left, bottom, width, height } = box.current?.getBoundingClientRect() ?? new DOMRect(0, 0, 1, 1)
    return moved(handle, (event.clientX - left) / width, (bottom - event.clientY) / height)
  }
  const [x1, y1, x2, y2] = curve.map((value, k) => (k % 2 === 0 ? value * SIDE : SIDE - value * SIDE))
  return (
    <svg ref={box} className="curve" viewBox={`0 0 ${SIDE} ${SIDE}`} aria-label={t('Curve of the pressure')}>
      <path className="ground" d={`M0 ${SIDE}L${SIDE} 0`} />
      <path className="arms" d={`M0 ${SIDE}L${x1} ${y1}M${SIDE} 0L${x2} ${y2}`} />
      <path className="line" d={`M0 ${SIDE}C${x1} ${y1} ${x2} ${y2} ${SIDE} 0`} />
      {([0, 1] as const).map(handle => {
        const [x, y] = [curve[handle * 2] ?? 0, curve[handle * 2 + 1] ?? 0]
        const keys = (event: KeyboardEvent) => {
          const across = event.key === 'ArrowRight' ? STEP : event.key === 'ArrowLeft' ? -STEP : 0
          const up = event.key === 'ArrowUp' ? STEP : event.key === 'ArrowDown' ? -STEP : 0
          if (across === 0 && up === 0) return
          event.preventDefault()
          onDone(moved(handle, x + across, y + up))
        }
        return (
          <circle
            key={handle}
            cx={x * SIDE}
            cy={SIDE - y * SIDE}
            r={7}
            role="slider"
            tabIndex={0}
            aria-label={handle === 0 ? t('Handle of light pressure') : t('Handle of strong pressure')}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={Math.round(y * 100)}
            aria-valuetext={t('{across} across, {up} up', { across: percent(x), up: percent(y) })}
            onKeyDown={keys}
            onPointerDown={event => event.currentTarget.setPointerCapture(event.pointerId)}
            onPointerMove={event => event.buttons > 0 && onDrag(at(handle, event))}
            onPointerUp={event => onDone(at(handle, event))}
            data-testid={`pressure-handle-${handle}`}
          />
        )
      })}
    </svg>
  )
}
