import { useCanvas } from '../../canvas/actions/canvas-state.ts'
import { cancelTransform, confirmTransform, setParts } from '../../canvas/actions/transform.ts'
import { noParts, type Parts } from '../../canvas/tools/transforming.ts'
import { Button } from '../../components/Button.tsx'
import { NumberField } from '../../components/NumberField.tsx'
import { t } from '../../language/language.ts'

interface Number {
  readonly part: keyof Parts
  readonly title: string
  readonly unit: string
  readonly most: number
  /** What one unit is of the part. */
  readonly unitOf: number
}

const FARTHEST = 32_768
const NUMBERS: readonly Number[] = [
  { part: 'x', title: 'X', unit: 'px', most: FARTHEST, unitOf: 1 },
  { part: 'y', title: 'Y', unit: 'px', most: FARTHEST, unitOf: 1 },
  { part: 'across', title: 'Width', unit: '%', most: 10_000, unitOf: 0.01 },
  { part: 'down', title: 'Height', unit: '%', most: 10_000, unitOf: 0.01 },
  { part: 'angle', title: 'Turn', unit: '°', most: 180, unitOf: 1 },
  { part: 'skewAcross', title: 'Lean', unit: '°', most: 80, unitOf: 1 },
]

/** The numbers of what the hand does at the handles. */
export function TransformBar() {
  const parts = useCanvas(state => state.transforming?.parts)
  if (parts === undefined) return <span className="t12 t3">{t('Choose a layer with something on it.')}</span>
  return (
    <>
      {NUMBERS.map(({ part, title, unit, most, unitOf }) => {
        const outside = {
          sentence: t('{title} goes from {minimum} to {maximum}.', {
            title: t(title),
            minimum: `-${most}`,
            maximum: `${most} ${unit}`,
          }),
        }
        const flat = { sentence: t('A layer cannot be made flat.') }
        const check = (next: number | undefined) => {
          if (next === undefined || Math.abs(next) > most) return outside
          return next === 0 && unit === '%' ? flat : undefined
        }
        return (
          <span key={part} className="opt-number">
            <NumberField
              name={`transform-${part}`}
              title={t(title)}
              unit={unit}
              value={Math.round((parts[part] / unitOf) * 10) / 10}
              own={noParts[part] / unitOf}
              minimum={-most}
              maximum={most}
              softMaximum={unit === '%' ? 400 : undefined}
              step={unit === 'px' || unit === '%' ? 1 : 0.5}
              plain
              check={check}
              onChange={next => setParts({ [part]: next * unitOf })}
              onReset={() => setParts({ [part]: noParts[part] })}
            />
          </span>
        )
      })}
      <span className="sep" />
      <Button small look="ghost" shortcut="Esc" onClick={cancelTransform} data-testid="transform-cancel">
        {t('Cancel')}
      </Button>
      <Button small shortcut="↵" onClick={confirmTransform} data-testid="transform-keep">
        {t('Keep')}
      </Button>
    </>
  )
}
