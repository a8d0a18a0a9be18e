import { Link2, Link2Off } from 'lucide-react'
import { useState } from 'react'
import { IconButton } from '../../components/IconButton.tsx'
import { Segmented } from '../../components/Segmented.tsx'
import { t } from '../../language/language.ts'
import type { ModelInfo } from '../../state/api.ts'
import { type Field, nearest, ownValue, type Values, valueInForce } from '../../state/form.ts'
import { inProportion, PROPORTIONS, proportionOf } from '../../state/proportion.ts'
import { edit, endEdit } from '../../state/studio.ts'
import { NumberRow } from './FieldRow.tsx'

interface Props {
  readonly width: Field
  readonly height: Field
  readonly values: Values
  readonly model: ModelInfo | undefined
}

const number = (value: unknown, fallback: number) => (typeof value === 'number' ? value : fallback)

/** Proportions, width and height. While the sides are linked, one takes the other along. */
export function SizeFields({ width, height, values, model }: Props) {
  const multiple = model?.sizeMultiple ?? 1
  const wide = number(valueInForce(width, values, model), multiple)
  const high = number(valueInForce(height, values, model), multiple)
  const [linked, setLinked] = useState<number>()
  const named = proportionOf(wide, high, multiple)

  const setSize = (size: { width: number; height: number }, step: string) => {
    const { [width.name]: _, [height.name]: __, ...others } = values
    const set = (field: Field, value: number) => (value === ownValue(field, model) ? {} : { [field.name]: value })
    edit(step, { values: { ...others, ...set(width, size.width), ...set(height, size.height) } })
  }
  const choose = (name: string) => {
    const proportion = PROPORTIONS.find(each => each.name === name)
    setLinked(proportion?.ratio)
    if (proportion === undefined) return
    endEdit()
    const own = number(ownValue(width, model), wide) * number(ownValue(height, model), high)
    setSize(inProportion(proportion.ratio, own, multiple, width, height), 'proportion')
  }
  return (
    <>
      <Segmented
        label={t('Proportions')}
        fill
        value={named ?? 'Free'}
        choices={[...PROPORTIONS.map(({ name }) => ({ value: name, label: name })), { value: 'Free', label: 'Free' }]}
        onChange={choose}
      />
      <div className="size">
        <NumberRow
          field={width}
          values={values}
          model={model}
          label={t('W')}
          plain
          onChange={next =>
            setSize(
              { width: next, height: linked === undefined ? high : nearest(height, next / linked, multiple) },
              'width',
            )
          }
        />
        <IconButton
          label={t('Keep proportion')}
          on={linked !== undefined}
          onClick={() => setLinked(linked === undefined ? wide / high : undefined)}
        >
          {linked === undefined ? <Link2Off size={16} strokeWidth={1.5} /> : <Link2 size={16} strokeWidth={1.5} />}
        </IconButton>
        <NumberRow
          field={height}
          values={values}
          model={model}
          label={t('H')}
          plain
          onChange={next =>
            setSize(
              { width: linked === undefined ? wide : nearest(width, next * linked, multiple), height: next },
              'height',
            )
          }
        />
      </div>
    </>
  )
}
