import { ChevronDown, Plus, Scaling } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useState } from 'react'
import { newDocument } from '../../canvas/actions/edits.ts'
import { BarPopover } from '../../components/BarPopover.tsx'
import { Button } from '../../components/Button.tsx'
import { t } from '../../language/language.ts'
import type { DocumentInfo } from '../../state/api.ts'
import { useDocument } from '../../state/document.ts'
import { recentFirst } from '../../state/documents.ts'
import { useEngine } from '../../state/engine.ts'
import { keyName } from '../../state/shortcut.ts'
import { useUi } from '../../state/ui.ts'
import { DocumentRow } from './DocumentRow.tsx'
import { DocumentSize } from './DocumentSize.tsx'
import { Versions } from './Versions.tsx'

interface Props {
  readonly title: string
  /** What opens a file as a document; it stands beside New. */
  readonly openFile?: ReactNode
}

const setOpen = (documentsOpen: boolean): void => useUi.setState({ documentsOpen, sizeOpen: false })
const setSizeOpen = (sizeOpen: boolean): void => useUi.setState({ sizeOpen })

/** The title, and the menu of documents under it. */
export function DocumentsMenu({ title, openFile }: Props) {
  const open = useUi(state => state.documentsOpen)
  return (
    <BarPopover
      open={open}
      onOpenChange={setOpen}
      className="documents"
      label={t('Documents')}
      align="center"
      testId="documents-menu"
      trigger={
        <button type="button" className="doc-title" aria-keyshortcuts="Control+O" data-testid="documents">
          <b className="cut">{title}</b>
          <ChevronDown size={14} strokeWidth={1.5} aria-hidden="true" />
        </button>
      }
    >
      <Content openFile={openFile} />
    </BarPopover>
  )
}

function Content({ openFile }: Pick<Props, 'openFile'>) {
  const documents = useEngine(state => state.documents)
  const document = useDocument(state => state.document)
  const current = document?.id
  const sizeOpen = useUi(state => state.sizeOpen)
  const [shown, setShown] = useState<string>()
  const ofVersions = shown === undefined ? undefined : documents[shown]
  if (ofVersions !== undefined) return <Versions info={ofVersions} onBack={() => setShown(undefined)} />
  if (sizeOpen && document !== undefined)
    return <DocumentSize document={document} onBack={() => setSizeOpen(false)} onDone={() => setOpen(false)} />
  const begin = () => {
    setOpen(false)
    void newDocument()
  }
  return (
    <>
      <div className="pop-head">
        <h2 className="grow">{t('Documents')}</h2>
        {openFile}
        <Button
          small
          look="ghost"
          disabled={document === undefined || document.layers.length === 0}
          onClick={() => setSizeOpen(true)}
          data-testid="document-size"
        >
          <Scaling size={14} strokeWidth={1.5} aria-hidden="true" />
          {t('Size')}
        </Button>
        <Button
          small
          shortcut={keyName('Ctrl+N')}
          disabled={current === undefined}
          onClick={begin}
          data-testid="new-document"
        >
          <Plus size={14} strokeWidth={1.5} aria-hidden="true" />
          {t('New')}
        </Button>
      </div>
      <List documents={recentFirst(documents)} current={current} onVersions={setShown} />
    </>
  )
}

interface ListProps {
  readonly documents: readonly DocumentInfo[]
  readonly current: string | undefined
  readonly onVersions: (id: string) => void
}

/** Arrow keys go from document to document. */
function List({ documents, current, onVersions }: ListProps) {
  const [renaming, setRenaming] = useState<string>()
  const keys = (event: KeyboardEvent<HTMLElement>) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step === 0 || event.target instanceof HTMLInputElement) return
    event.preventDefault()
    const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('.document-open')]
    const at = stops.findIndex(stop => stop.closest('li')?.contains(document.activeElement))
    stops[Math.min(stops.length - 1, Math.max(0, at + step))]?.focus()
  }
  if (documents.length === 0) {
    return (
      <p className="note">{t('What you make is kept here as documents. Accept a picture or paint to begin one.')}</p>
    )
  }
  return (
    <ul className="document-list" onKeyDown={keys}>
      {documents.map(info => (
        <DocumentRow
          key={info.id}
          info={info}
          isOpen={info.id === current}
          isRenaming={info.id === renaming}
          onRename={isRenaming => setRenaming(isRenaming ? info.id : undefined)}
          onVersions={() => onVersions(info.id)}
          onDone={() => setOpen(false)}
        />
      ))}
    </ul>
  )
}
