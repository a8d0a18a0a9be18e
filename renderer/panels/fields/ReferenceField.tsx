import { ImagePlus, X } from 'lucide-react'
import { type DragEvent, useRef } from 'react'
import { IconButton } from '../../components/IconButton.tsx'
import { PICTURE_TYPES } from '../../files/kinds.ts'
import { t } from '../../language/language.ts'
import { lastName } from '../../state/additions.ts'
import { blobUrl } from '../../state/api.ts'
import { carriesPictures, droppedPictures } from '../../state/dragging.ts'
import { engine } from '../../state/engine.ts'
import { valueInForce } from '../../state/form.ts'
import { endEdit, setValue } from '../../state/studio.ts'
import { sayFailure } from '../../state/toasts.ts'
import type { RowProps } from './row-props.ts'

/** A picture that is looked at: dropped from anywhere, or chosen as a file. */
export function ReferenceField({ field, values, model }: RowProps) {
  const input = useRef<HTMLInputElement>(null)
  const value = String(valueInForce(field, values, model) ?? '')
  // Of a picture of the library; a recipe of the command line may name a file.
  const [hash] = /[0-9a-f]{64}/.exec(value) ?? []
  const choose = (next: string | undefined) => {
    endEdit()
    setValue(field.name, next)
  }
  const take = (found: Promise<string | undefined>) => void found.then(hash => hash && choose(hash)).catch(sayFailure)
  const drop = (event: DragEvent) => {
    event.preventDefault()
    event.stopPropagation()
    const [id] = droppedPictures(event.dataTransfer)
    const [file] = event.dataTransfer.files
    take(id !== undefined ? hashOf(id) : file !== undefined ? kept(file) : Promise.resolve(undefined))
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is dropped can be chosen as a file, too
    <div
      className="sw-row reference"
      data-testid={`field-${field.name}`}
      onDragOver={event => takesDrop(event.dataTransfer) && event.preventDefault()}
      onDrop={drop}
    >
      <span className="grow" title={field.description}>
        {field.title}
        {value !== '' && <i className="changed" />}
      </span>
      {hash !== undefined && <img src={blobUrl(hash)} alt="" />}
      {value !== '' && hash === undefined && <span className="t12 t2 cut">{lastName(value)}</span>}
      <IconButton label={t('Choose a picture: {title}', { title: field.title })} onClick={() => input.current?.click()}>
        <ImagePlus size={16} strokeWidth={1.5} />
      </IconButton>
      {value !== '' && (
        <IconButton label={t('None: {title}', { title: field.title })} onClick={() => choose(undefined)}>
          <X size={14} strokeWidth={1.5} />
        </IconButton>
      )}
      <input
        ref={input}
        type="file"
        accept={PICTURE_TYPES}
        hidden
        data-testid={`file-${field.name}`}
        onChange={event => {
          const [file] = event.target.files ?? []
          event.target.value = ''
          if (file !== undefined) take(kept(file))
        }}
      />
    </div>
  )
}

const takesDrop = (transfer: DataTransfer): boolean => carriesPictures(transfer) || transfer.types.includes('Files')

/** Hash of a picture of the gallery. */
const hashOf = async (id: string): Promise<string> => (await (await engine()).images.get({ id })).hash

/** Keeps the picture of a file. @returns its hash */
const kept = async (file: File): Promise<string> => (await (await engine()).images.keep({ file, use: 'picture' })).hash
