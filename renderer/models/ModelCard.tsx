import { Box, TriangleAlert } from 'lucide-react'
import { blobUrl, type ModelInfo } from '../state/api.ts'
import { kindWords, useModels } from '../state/models.ts'
import { sizeWords } from '../state/words.ts'
import { usePictures } from './use-pictures.ts'

interface Props {
  readonly model: ModelInfo
  readonly isInUse: boolean
  readonly isOpen: boolean
  /** Whether the Tab key stops here. */
  readonly isStop: boolean
}

/** A model: pictures made with it, its name, and what it takes. */
export function ModelCard({ model, isInUse, isOpen, isStop }: Props) {
  const { images } = usePictures(model.name)
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
          <Box size={18} strokeWidth={1.5} />
        ) : (
          images.map(image => <img key={image.id} src={blobUrl(image.hash)} alt="" />)
        )}
      </div>
      <div className="mbody">
        <div>
          <h2>
            <span className="cut">{model.name}</span>
            {isInUse && <span className="tag acc">in use</span>}
          </h2>
          <p className="cut">
            {kindWords(model.kind)}
            {model.embedded ? ' · came with Sfumato' : ` · in ${lastName(model.path)}`}
          </p>
        </div>
        {model.problem === undefined ? (
          <dl className="dl">
            <div>
              <dt>Size</dt>
              <dd>
                {sizeWords(model.bytes)}, {model.precision}
              </dd>
            </div>
            <div>
              <dt>Needs</dt>
              <dd>{needWords(model)}</dd>
            </div>
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

/** The name of a file or folder, of any system. */
const lastName = (path: string): string => path.split(/[/\\]/).at(-1) ?? path

/** The weights alone are sure; what a picture takes beside them is known only once it was drawn. */
export const needWords = ({ bytes, defaults }: ModelInfo): string =>
  `over ${sizeWords(bytes)} at ${defaults.width} × ${defaults.height}`
