import {
  Aperture,
  Box,
  Layers2,
  type LucideIcon,
  Scaling,
  TextCursorInput,
  TextSearch,
  TriangleAlert,
  Type,
  Waypoints,
} from 'lucide-react'
import { spoken, t } from '../language/language.ts'
import { familyWords, folderName } from '../state/additions.ts'
import { blobUrl, type ModelInfo } from '../state/api.ts'
import { draws, isUsedSomewhere, kindWords, useModels } from '../state/models.ts'
import { sizeWords } from '../state/words.ts'
import { usePictures } from './use-pictures.ts'
import { useSidePicture } from './use-side-picture.ts'

interface Props {
  readonly model: ModelInfo
  readonly isInUse: boolean
  readonly isOpen: boolean
  /** Whether the Tab key stops here. */
  readonly isStop: boolean
}

/** A model: pictures made with it, its name, and what it takes. */
export function ModelCard({ model, isInUse, isOpen, isStop }: Props) {
  const { images } = usePictures(model)
  const open = () => useModels.setState({ opened: model.id, columnOpen: true })
  return (
    <div
      role="option"
      aria-selected={isOpen}
      tabIndex={isStop ? 0 : -1}
      className={['mcard', isInUse && 'on', isOpen && 'open', model.problem !== undefined && 'unfit']
        .filter(Boolean)
        .join(' ')}
      onClick={open}
      onKeyDown={event => {
        if (event.key !== ' ') return
        event.preventDefault()
        open()
      }}
      data-testid={`model-${model.id}`}
    >
      <div className="mcover" aria-hidden="true">
        {images.length === 0 ? (
          <Face model={model} />
        ) : (
          images.map(image => <img key={image.id} src={blobUrl(image.hash)} alt="" />)
        )}
      </div>
      <div className="mbody">
        <div>
          <h2>
            <span className="cut">{model.name}</span>
            {isInUse && <span className="tag acc">{t('in use')}</span>}
          </h2>
          <p className="cut">{subtitle(model)}</p>
        </div>
        {model.problem === undefined ? (
          <dl className="dl">
            {cardRows(model).map(([name, value]) => (
              <div key={name}>
                <dt>{t(name)}</dt>
                <dd className="cut" title={value}>
                  {value}
                </dd>
              </div>
            ))}
          </dl>
        ) : (
          <p className="mproblem">
            <TriangleAlert size={14} strokeWidth={1.5} aria-hidden="true" />
            <span>{model.problem}</span>
          </p>
        )}
      </div>
    </div>
  )
}

const ICONS: Readonly<Partial<Record<ModelInfo['kind'], LucideIcon>>> = {
  lora: Layers2,
  embedding: TextCursorInput,
  controlnet: Waypoints,
  vae: Aperture,
  'text-encoder': Type,
  upscaler: Scaling,
  masks: TextSearch,
}

/** The picture that lies beside its file or that the file carries, or a sign of its kind. */
function Face({ model }: { model: ModelInfo }) {
  const { preview, kind } = model
  const picture = useSidePicture(model) ?? preview
  if (picture !== undefined) return <img src={picture} alt="" />
  const Icon = ICONS[kind] ?? Box
  return <Icon size={18} strokeWidth={1.5} />
}

/** Its kind and what it belongs to; where nothing says that, the folder that it lies in. */
function subtitle(model: ModelInfo): string {
  const kind = t(kindWords(model.kind))
  const family = familyWords(model)
  const from = model.embedded ? t('came with Sfumato') : t('in {folder}', { folder: folderName(model.path) })
  return [kind, family ?? from].join(' · ')
}

/** Three or four lines: what it takes on disk and beside that, by which words it is called, what it may be used for. */
function cardRows(model: ModelInfo): (readonly [string, string])[] {
  const { kind, bytes, precision, licence = t('not told') } = model
  const size = ['Size', `${sizeWords(bytes)}, ${t(precision)}`] as const
  const open = (model.lacks ?? []).filter(
    ({ isOptional, files }) => files.length > 1 || (files.length === 0 && !isOptional),
  )
  const lacks = open.length === 0 ? [] : [['Lacks', open.map(({ words }) => spoken(words)).join(', ')] as const]
  if (draws(model)) return [size, ['Needs', needWords(model)], ...lacks, ['Licence', licence]]
  if (kind === 'lora' || kind === 'embedding') return [size, ['In prompts', promptWords(model)], ['Licence', licence]]
  const use = isUsedSomewhere(model) ? [] : [['Use', t('none here yet')] as const]
  const family = familyWords(model)
  return [size, ...(family === undefined ? [] : [['For', family] as const]), ...use, ['Licence', licence]]
}

/** The words that call it in a prompt. */
export const promptWords = ({ triggerWords = [] }: ModelInfo): string =>
  triggerWords.length === 0 ? t('no word told') : triggerWords.join(', ')

/** @param foretold bytes that a picture of the model's own size takes; before that is known the weights alone are sure */
export const needWords = ({ bytes, defaults }: ModelInfo, foretold?: number): string =>
  t(foretold === undefined ? 'over {size} at {width} × {height}' : '{size} at {width} × {height}', {
    size: sizeWords(foretold ?? bytes),
    width: defaults.width,
    height: defaults.height,
  })
