import { Copy, History, Pencil, Trash2 } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { IconButton } from '../../components/IconButton.tsx'
import { t } from '../../language/language.ts'
import { blobUrl, type DocumentInfo } from '../../state/api.ts'
import { duplicateDocument, renameDocument, switchDocument, trashDocument } from '../../state/documents.ts'
import { timeWords } from '../../state/words.ts'

interface Props {
  readonly info: DocumentInfo
  readonly isOpen: boolean
  readonly isRenaming: boolean
  readonly onRename: (isRenaming: boolean) => void
  readonly onVersions: () => void
  /** The menu is not needed any more. */
  readonly onDone: () => void
}

/** A document in the menu: its picture, name, when it was changed, and what can be done with it. */
export function DocumentRow({ info, isOpen, isRenaming, onRename, onVersions, onDone }: Props) {
  const { id, name, width, height, changedAt } = info
  const open = () => {
    onDone()
    if (!isOpen) void switchDocument(id)
  }
  const act = (work: Promise<boolean>) => {
    onDone()
    void work
  }
  return (
    <li className={isOpen ? 'document on' : 'document'} data-testid="document-row">
      {isRenaming ? (
        <div className="document-open">
          <DocumentPicture hash={info.thumbnail} />
          <NameField name={name} onKeep={next => void renameDocument(id, next)} onDone={() => onRename(false)} />
        </div>
      ) : (
        <button
          type="button"
          className="document-open"
          aria-current={isOpen || undefined}
          onClick={open}
          onKeyDown={event => event.key === 'F2' && onRename(true)}
        >
          <DocumentPicture hash={info.thumbnail} />
          <span className="grow">
            <b className="cut">{name}</b>
            <small className="cut num">
              {width} × {height} · {timeWords(changedAt)}
            </small>
          </span>
        </button>
      )}
      <span className="document-does">
        <IconButton
          label={t('Rename {name}', { name })}
          small
          onClick={() => onRename(true)}
          data-testid="document-rename"
        >
          <Pencil size={15} strokeWidth={1.5} />
        </IconButton>
        <IconButton
          label={t('Duplicate {name}', { name })}
          small
          onClick={() => act(duplicateDocument(id))}
          data-testid="document-duplicate"
        >
          <Copy size={15} strokeWidth={1.5} />
        </IconButton>
        <IconButton
          label={t('Versions of {name}', { name })}
          small
          onClick={onVersions}
          data-testid="document-versions"
        >
          <History size={15} strokeWidth={1.5} />
        </IconButton>
        <IconButton
          label={t('Move {name} to the trash', { name })}
          small
          onClick={() => void trashDocument(info)}
          data-testid="document-trash"
        >
          <Trash2 size={15} strokeWidth={1.5} />
        </IconButton>
      </span>
    </li>
  )
}

/** The small picture of a document or of one of its states; a checkered place before there is one. */
export const DocumentPicture = ({ hash }: { readonly hash: string | undefined }) => (
  <span className="document-picture">{hash !== undefined && <img src={blobUrl(hash)} alt="" draggable={false} />}</span>
)

interface NameFieldProps {
  readonly name: string
  readonly onKeep: (name: string) => void
  readonly onDone: () => void
}

const LONGEST_NAME = 200

/** Enter and leaving keep the name, Esc restores it. */
function NameField({ name, onKeep, onDone }: NameFieldProps) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.select(), [])
  const leave = (next: string) => {
    if (next.trim() !== '' && next.trim() !== name) onKeep(next.trim())
    onDone()
  }
  return (
    <input
      ref={input}
      className="field grow"
      aria-label={t('Name')}
      maxLength={LONGEST_NAME}
      defaultValue={name}
      onBlur={event => leave(event.target.value)}
      onKeyDown={event => {
        if (event.key === 'Enter') leave(event.currentTarget.value)
        else if (event.key === 'Escape') onDone()
        else return
        event.preventDefault()
        event.stopPropagation()
      }}
      data-testid="document-name"
    />
  )
}
