import { Ban } from 'lucide-react'
import { useCanvas } from '../../canvas/actions/canvas-state.ts'
import { setShape, shapeLook } from '../../canvas/actions/shaping.ts'
import { IconButton } from '../../components/IconButton.tsx'
import { NumberField } from '../../components/NumberField.tsx'
import { t } from '../../language/language.ts'
import { useDocument } from '../../state/document.ts'
import { useTools } from '../../state/tools.ts'

/** How the chosen shape looks, or the next one. */
export function ShapeBar() {
  useCanvas()
  useDocument()
  useTools(state => state.colour)
  useTools(state => state.values.shape)
  const { shape, fill, stroke, strokeWidth, cornerRadius = 0 } = shapeLook()
  return (
    <>
      {shape !== 'line' && (
        <Paint name="fill" title={t('Fill')} colour={fill} onChange={next => setShape({ fill: next })} />
      )}
      <Paint name="stroke" title={t('Line')} colour={stroke} onChange={next => setShape({ stroke: next })} />
      <Length
        name="stroke-width"
        title={t('Width')}
        value={strokeWidth}
        own={4}
        soft={100}
        onChange={next => setShape({ strokeWidth: next })}
      />
      {shape === 'rectangle' && (
        <Length
          name="corner-radius"
          title={t('Corners')}
          value={cornerRadius}
          own={0}
          soft={200}
          onChange={next => setShape({ cornerRadius: next })}
        />
      )}
    </>
  )
}

interface PaintProps {
  readonly name: string
  readonly title: string
  readonly colour: string | null
  readonly onChange: (colour: string | null) => void
}

/** A colour, or none. */
function Paint({ name, title, colour, onChange }: PaintProps) {
  return (
    <span className="opt-paint">
      <span className="t12 t2">{title}</span>
      <input
        type="color"
        className={colour === null ? 'swatch in-bar is-none' : 'swatch in-bar'}
        aria-label={colour === null ? t('{title}: none', { title }) : title}
        value={(colour ?? '#000000').slice(0, 7)}
        onChange={event => onChange(event.target.value)}
        data-testid={`shape-${name}`}
      />
      <IconButton
        label={t('{title}: none', { title: title })}
        on={colour === null}
        onClick={() => onChange(colour === null ? useTools.getState().colour : null)}
        data-testid={`shape-no-${name}`}
      >
        <Ban size={14} strokeWidth={1.5} />
      </IconButton>
    </span>
  )
}

interface LengthProps {
  readonly name: string
  readonly title: string
  readonly value: number
  readonly own: number
  readonly soft: number
  readonly onChange: (value: number) => void
}

const MOST = 2000

function Length({ name, title, value, own, soft, onChange }: LengthProps) {
  const outside = { sentence: t('{title} goes from 0 to {most}.', { title, most: MOST }) }
  return (
    <span className="opt-number">
      <NumberField
        name={`shape-${name}`}
        title={title}
        unit="px"
        value={value}
        own={own}
        minimum={0}
        maximum={MOST}
        softMaximum={soft}
        step={1}
        check={next => (next !== undefined && next >= 0 && next <= MOST ? undefined : outside)}
        onChange={onChange}
        onReset={() => onChange(own)}
      />
    </span>
  )
}
