import { t } from '../../language/language.ts'
import { useForm, useFrameSize } from '../../state/form-in-force.ts'
import { useStudio } from '../../state/studio.ts'
import { SizeFields } from '../fields/SizeFields.tsx'
import { Chip } from './Chip.tsx'

export function SizeChip() {
  const { fields, model } = useForm()
  const values = useStudio(state => state.draft.values)
  const size = useFrameSize()
  const width = fields.find(field => field.name === 'width')
  const height = fields.find(field => field.name === 'height')
  if (size === undefined || width === undefined || height === undefined) return null
  return (
    <Chip label={t('Size')} value={`${size.width} × ${size.height}`} testId="chip-size">
      <div className="stack">
        <SizeFields width={width} height={height} values={values} model={model} />
        {model !== undefined && (
          <p className="note">
            {t('{name} is at its best at {width} × {height}.', {
              name: model.name,
              width: model.defaults.width,
              height: model.defaults.height,
            })}
          </p>
        )}
      </div>
    </Chip>
  )
}
