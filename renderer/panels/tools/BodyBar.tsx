import { Copy, SlidersHorizontal, Trash2 } from 'lucide-react'
import { Popover } from 'radix-ui'
import { type Body, usualAngle, type Vector } from '../../../app/api/bodies.ts'
import {
  angleOf,
  bodiesLayerOf,
  dragBody,
  duplicateBody,
  moveScene,
  removeBody,
  sceneOf,
  settleScene,
  useBodies,
  withAngle,
} from '../../canvas/actions/bodies.ts'
import { activeOf, useCanvas } from '../../canvas/actions/canvas-state.ts'
import type { ControlLayer } from '../../canvas/actions/control-layers.ts'
import { useDocumentInForce } from '../../canvas/document-in-force.ts'
import { Button } from '../../components/Button.tsx'
import { IconButton } from '../../components/IconButton.tsx'
import { NumberField } from '../../components/NumberField.tsx'
import { t } from '../../language/language.ts'

/** How bodies are seen, and the numbers of the chosen one. */
export function BodyBar() {
  const { layers } = useDocumentInForce()
  const active = useCanvas(state => activeOf(layers, state.active))
  const { chosen } = useBodies()
  const layer = bodiesLayerOf(layers, active)
  if (layer === undefined) return <span className="t12 t3">{t('Place a body from the row below.')}</span>
  const scene = sceneOf(layer)
  const body = chosen === undefined ? undefined : scene.bodies[chosen]
  return (
    <>
      <Num
        name="angle"
        title={t('Angle')}
        unit="°"
        value={angleOf(scene)}
        own={usualAngle}
        {...{ minimum: 5, maximum: 120, softMaximum: 120 }}
        onChange={next => change(layer, () => moveScene(layer, withAngle(scene, next)), 'Angle of view')}
      />
      <Num
        name="far"
        title={t('Reach')}
        unit="px"
        value={scene.far}
        {...{ minimum: -10_000, maximum: 100_000, softMaximum: 4000 }}
        onChange={far => change(layer, () => moveScene(layer, { ...scene, far }), 'Reach')}
      />
      <span className="sep" />
      <Popover.Root>
        <Popover.Trigger asChild>
          <Button small look="ghost" disabled={body === undefined} data-testid="body-numbers">
            <SlidersHorizontal size={14} strokeWidth={1.5} aria-hidden="true" />
            {t('Numbers')}
          </Button>
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            className="pop chip-pop more-options"
            align="end"
            sideOffset={12}
            collisionPadding={12}
            aria-label={t('Numbers of the body')}
          >
            {body !== undefined && chosen !== undefined && <Numbers layer={layer} place={chosen} body={body} />}
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      <IconButton label={t('Duplicate the body')} disabled={body === undefined} onClick={duplicateBody}>
        <Copy size={16} strokeWidth={1.5} />
      </IconButton>
      <IconButton label={t('Remove the body')} disabled={body === undefined} onClick={removeBody}>
        <Trash2 size={16} strokeWidth={1.5} />
      </IconButton>
    </>
  )
}

let settling: ReturnType<typeof setTimeout> | undefined
const AFTER = 300

/** Shows a change at once; it becomes one edit when the hand rests. */
function change(layer: ControlLayer, show: () => void, label: string): void {
  clearTimeout(settling)
  show()
  settling = setTimeout(() => settleScene(layer, label), AFTER)
}

type Part = 'at' | 'size' | 'turn'
interface Row {
  readonly part: Part
  readonly axis: 0 | 1 | 2
  readonly title: string
  readonly unit: string
}
const ROWS: readonly Row[] = [
  { part: 'at', axis: 0, title: 'X', unit: 'px' },
  { part: 'at', axis: 1, title: 'Y', unit: 'px' },
  { part: 'at', axis: 2, title: 'Behind the picture', unit: 'px' },
  { part: 'size', axis: 0, title: 'Width', unit: 'px' },
  { part: 'size', axis: 1, title: 'Height', unit: 'px' },
  { part: 'size', axis: 2, title: 'Depth', unit: 'px' },
  { part: 'turn', axis: 1, title: 'Turned', unit: '°' },
  { part: 'turn', axis: 0, title: 'Tipped', unit: '°' },
  { part: 'turn', axis: 2, title: 'Leaning', unit: '°' },
]
const RANGES = {
  at: { minimum: -32_768, maximum: 32_768, softMaximum: 2048 },
  size: { minimum: 1, maximum: 32_768, softMaximum: 1024 },
  turn: { minimum: -180, maximum: 180, softMaximum: 180 },
} as const satisfies Readonly<Record<Part, object>>

const withAxis = (vector: Vector, axis: number, value: number): Vector => {
  const [x, y, z] = vector
  return axis === 0 ? [value, y, z] : axis === 1 ? [x, value, z] : [x, y, value]
}

interface NumbersProps {
  readonly layer: ControlLayer
  readonly place: number
  readonly body: Body
}

/** Where the body is, how large, and how it is turned. A floor has no size. */
function Numbers({ layer, place, body }: NumbersProps) {
  return ROWS.filter(({ part }) => body.shape !== 'floor' || part !== 'size').map(({ part, axis, title, unit }) => (
    <Num
      key={`${part}-${axis}`}
      name={`${part}-${axis}`}
      title={t(title)}
      unit={unit}
      value={body[part][axis]}
      {...RANGES[part]}
      onChange={next =>
        change(
          layer,
          () => dragBody(layer, place, each => ({ ...each, [part]: withAxis(each[part], axis, next) })),
          'Change body',
        )
      }
    />
  ))
}

interface NumProps {
  readonly name: string
  readonly title: string
  readonly unit: string
  readonly value: number
  readonly own?: number
  readonly minimum: number
  readonly maximum: number
  readonly softMaximum: number
  readonly onChange: (next: number) => void
}

function Num({ name, title, unit, value, own, minimum, maximum, softMaximum, onChange }: NumProps) {
  const outside = { sentence: t('{title} goes from {minimum} to {maximum}.', { title, minimum, maximum }) }
  return (
    <span className="opt-number">
      <NumberField
        name={`body-${name}`}
        title={title}
        unit={unit}
        value={Math.round(value * 10) / 10}
        own={own}
        minimum={minimum}
        maximum={maximum}
        softMaximum={softMaximum}
        step={1}
        plain
        check={next => (next !== undefined && next >= minimum && next <= maximum ? undefined : outside)}
        onChange={onChange}
        onReset={() => onChange(own ?? value)}
      />
    </span>
  )
}
