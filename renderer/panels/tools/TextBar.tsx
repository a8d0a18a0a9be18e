import { Italic } from 'lucide-react'
import { useCanvas } from '../../canvas/actions/canvas-state.ts'
import { lookNow, setText, type TextSettings } from '../../canvas/actions/writing.ts'
import { fontFamilies } from '../../canvas/raster/vector.ts'
import { IconButton } from '../../components/IconButton.tsx'
import { NumberField } from '../../components/NumberField.tsx'
import { Segmented } from '../../components/Segmented.tsx'
import { t } from '../../language/language.ts'
import { useDocument } from '../../state/document.ts'
import { useTools } from '../../state/tools.ts'

const NAMES: Readonly<Record<string, string>> = {
  'sans-serif': 'Plain',
  serif: 'Serif',
  monospace: 'Fixed width',
  cursive: 'Handwriting',
  'system-ui': 'As the system',
}
const ALIGNS = [
  { value: 'left', label: 'Left' },
  { value: 'center', label: 'Middle' },
  { value: 'right', label: 'Right' },
] as const satisfies readonly { value: TextSettings['align']; label: string }[]

const LARGEST = 2000

/** How the text looks that is written, or the next one. */
export function TextBar() {
  useCanvas()
  useDocument()
  useTools(state => state.colour)
  const { font, size, weight, colour, align, isItalic } = lookNow()
  const families = fontFamilies.some(family => family === font) ? fontFamilies : [font, ...fontFamilies]
  return (
    <>
      <select
        className="field"
        aria-label={t('Font')}
        value={font}
        onChange={event => setText({ font: event.target.value })}
        data-testid="text-font"
      >
        {families.map(family => (
          <option key={family} value={family}>
            {t(NAMES[family] ?? family)}
          </option>
        ))}
      </select>
      <TextNumber name="size" title={t('Size')} unit="px" value={size} least={1} most={LARGEST} soft={400} step={1} />
      <TextNumber name="weight" title={t('Weight')} value={weight} least={100} most={900} soft={900} step={100} />
      <IconButton
        label={t('Italic')}
        on={isItalic}
        onClick={() => setText({ isItalic: !isItalic })}
        data-testid="text-italic"
      >
        <Italic size={16} strokeWidth={1.5} />
      </IconButton>
      <input
        type="color"
        className="swatch in-bar"
        aria-label={t('Colour of the text')}
        value={colour.slice(0, 7)}
        onChange={event => setText({ colour: event.target.value })}
        data-testid="text-colour"
      />
      <Segmented label={t('Alignment')} value={align} choices={ALIGNS} onChange={next => setText({ align: next })} />
    </>
  )
}

interface NumberProps {
  readonly name: 'size' | 'weight'
  readonly title: string
  readonly unit?: string
  readonly value: number
  readonly least: number
  readonly most: number
  readonly soft: number
  readonly step: number
}

const OWN = { size: 48, weight: 400 } as const

function TextNumber({ name, title, unit, value, least, most, soft, step }: NumberProps) {
  const outside = { sentence: t('{title} goes from {minimum} to {maximum}.', { title, minimum: least, maximum: most }) }
  return (
    <span className="opt-number">
      <NumberField
        name={`text-${name}`}
        title={title}
        unit={unit}
        value={value}
        own={OWN[name]}
        minimum={least}
        maximum={most}
        softMaximum={soft}
        step={step}
        check={next => (next !== undefined && next >= least && next <= most ? undefined : outside)}
        onChange={next => setText({ [name]: Math.round(next) })}
        onReset={() => setText({ [name]: OWN[name] })}
      />
    </span>
  )
}
