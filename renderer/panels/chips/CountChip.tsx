import { Segmented } from '../../components/Segmented.tsx'
import { t } from '../../language/language.ts'
import { useCount, useForm } from '../../state/form-in-force.ts'
import { endEdit, setValue, useStudio } from '../../state/studio.ts'
import { countWords } from '../../state/words.ts'
import { NumberRow } from '../fields/FieldRow.tsx'
import { Chip } from './Chip.tsx'

const USUAL = ['1', '2', '4', '6', '9'] as const

export function CountChip() {
  const { fields, model } = useForm()
  const values = useStudio(state => state.draft.values)
  const count = useCount()
  const field = fields.find(each => each.widget === 'count')
  if (field === undefined) return null
  return (
    <Chip label={t('Number of pictures')} value={countWords(count)} width={248} testId="chip-count">
      <div className="stack">
        <Segmented
          label={t('Number of pictures')}
          fill
          value={USUAL.find(each => Number(each) === count)}
          choices={USUAL.map(value => ({ value, label: value }))}
          onChange={value => {
            endEdit()
            setValue(field.name, Number(value))
          }}
        />
        <NumberRow field={field} values={values} model={model} />
        <p className="note">{t('Picture k takes the seed + k, so each can be drawn again alone.')}</p>
      </div>
    </Chip>
  )
}
