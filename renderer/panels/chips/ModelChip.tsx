import { Check, TriangleAlert } from 'lucide-react'
import { Popover } from 'radix-ui'
import { t } from '../../language/language.ts'
import { blobUrl, type ModelInfo } from '../../state/api.ts'
import { useEngine } from '../../state/engine.ts'
import { useForm } from '../../state/form-in-force.ts'
import { useGallery } from '../../state/gallery.ts'
import { edit, endEdit } from '../../state/studio.ts'
import { sizeWords } from '../../state/words.ts'
import { Chip } from './Chip.tsx'

/** The newest picture that a model made, as its face. */
function useFace(model: ModelInfo | undefined): string | undefined {
  const image = useGallery(state => state.images.find(each => each.recipe?.model.name === model?.name))
  return image === undefined ? undefined : blobUrl(image.hash)
}

export function ModelChip() {
  const { model } = useForm()
  const models = useEngine(state => state.models)
  const face = useFace(model)
  if (model === undefined) return null
  return (
    <Chip label={t('Model')} value={model.name} picture={face} width={320} testId="chip-model">
      <div className="pop-list">
        {models.map(each => (
          <Popover.Close
            key={each.id}
            className={each.id === model.id ? 'list-item on' : 'list-item'}
            aria-current={each.id === model.id || undefined}
            onClick={() => {
              endEdit()
              edit('model', { model: each.id })
            }}
          >
            <span className="tick">
              {each.id === model.id && <Check size={14} strokeWidth={1.5} aria-hidden="true" />}
            </span>
            <span className="grow">
              <span className="row">
                <b className="cut">{each.name}</b>
                {each.embedded && <span className="tag">{t('came with Sfumato')}</span>}
              </span>
              {each.problem === undefined ? (
                <span className="t12 t3 num">
                  {each.defaults.factor === undefined
                    ? `${each.defaults.width} × ${each.defaults.height}`
                    : t('{count} times larger', { count: each.defaults.factor })}
                  , {each.precision}, {sizeWords(each.bytes)}
                </span>
              ) : (
                <span className="t12 warn-text">
                  <TriangleAlert size={12} strokeWidth={1.5} aria-hidden="true" /> {each.problem}
                </span>
              )}
            </span>
          </Popover.Close>
        ))}
      </div>
    </Chip>
  )
}
