import { ArrowLeft } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { drawDocument } from '../../canvas/actions/document-picture.ts'
import { sizeWithin } from '../../canvas/viewport.ts'
import { Button } from '../../components/Button.tsx'
import { Form } from '../../components/Form.tsx'
import { IconButton } from '../../components/IconButton.tsx'
import { t } from '../../language/language.ts'
import type { DocumentInfo, DocumentVersion } from '../../state/api.ts'
import { keepVersion, returnTo, versionNow, versionsOf } from '../../state/documents.ts'
import { undo } from '../../state/history.ts'
import { failureOf, sentenceOf } from '../../state/problem.ts'
import { say } from '../../state/toasts.ts'
import { useUi } from '../../state/ui.ts'
import { timeWords } from '../../state/words.ts'

interface Props {
  readonly info: DocumentInfo
  readonly onBack: () => void
}

/** Versions of a document as they are known; undefined before the first answer. */
function useVersions({ id }: DocumentInfo) {
  const [versions, setVersions] = useState<readonly DocumentVersion[]>()
  const [problem, setProblem] = useState<string>()
  const read = async () => {
    try {
      setVersions(await versionsOf(id))
    } catch (error) {
      setProblem(sentenceOf(failureOf(error)))
    }
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: read again for another document only
  useEffect(() => void read(), [id])
  return { versions, problem, read }
}

/** Kept states of a document: a new one, and those that there are, to look at and to return to. */
export function Versions({ info, onBack }: Props) {
  const { versions, problem, read } = useVersions(info)
  const [seen, setSeen] = useState<string>()
  const keep = async (name: string) => {
    if (await keepVersion(info.id, name)) await read()
  }
  const goBack = async (version: DocumentVersion) => {
    useUi.setState({ documentsOpen: false })
    if (await returnTo(info.id, version))
      say(t('“{name}” is as it was in “{version}”.', { name: info.name, version: version.name }), {
        label: 'Undo',
        run: undo,
      })
  }
  return (
    <>
      <div className="pop-head">
        <IconButton label={t('All documents')} small onClick={onBack}>
          <ArrowLeft size={16} strokeWidth={1.5} />
        </IconButton>
        <h2 className="grow cut">{t('Versions of {name}', { name: info.name })}</h2>
      </div>
      <KeepForm count={versions?.length ?? 0} onKeep={name => void keep(name)} />
      {problem !== undefined && (
        <p className="note warn-text" role="alert">
          {problem}
        </p>
      )}
      {versions?.length === 0 && (
        <p className="note">
          {t('A version is a state of the document under a name, to come back to whatever is done later.')}
        </p>
      )}
      <ul className="document-list">
        {versions?.map(version => (
          <li key={version.id} className="version" data-testid="version-row">
            <div className="document">
              <span className="grow">
                <b className="cut">{version.name}</b>
                <small className="cut num">{timeWords(version.createdAt)}</small>
              </span>
              <Button
                small
                look="ghost"
                aria-expanded={seen === version.id}
                onClick={() => setSeen(seen === version.id ? undefined : version.id)}
                data-testid="version-look"
              >
                {t('Look at')}
              </Button>
              <Button small onClick={() => void goBack(version)} data-testid="version-return">
                {t('Return to')}
              </Button>
            </div>
            {seen === version.id && <VersionPicture id={info.id} version={version} />}
          </li>
        ))}
      </ul>
    </>
  )
}

function KeepForm({ count, onKeep }: { readonly count: number; readonly onKeep: (name: string) => void }) {
  const [name, setName] = useState('')
  return (
    <Form
      className="version-form"
      onSubmit={() => {
        onKeep(name.trim() || t('Version {number}', { number: count + 1 }))
        setName('')
      }}
    >
      <input
        className="field grow"
        aria-label={t('Name of the version')}
        placeholder={t('Version {number}', { number: count + 1 })}
        maxLength={200}
        value={name}
        onChange={event => setName(event.target.value)}
        data-testid="version-name"
      />
      <Button small type="submit" data-testid="keep-version">
        {t('Keep version')}
      </Button>
    </Form>
  )
}

/** Pixels of the longer side. */
const LONGEST = 720

/** What the document was, drawn from the library. */
function VersionPicture({ id, version }: { readonly id: string; readonly version: DocumentVersion }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    let isOver = false
    const draw = async () => {
      const document = await versionNow(id, version.id)
      const size = sizeWithin(document, LONGEST)
      const { canvas: pixels } = await drawDocument(document, size)
      if (isOver || canvas.current === null) return
      Object.assign(canvas.current, size)
      canvas.current.getContext('2d')?.drawImage(pixels, 0, 0)
    }
    draw().catch(error => setProblem(sentenceOf(failureOf(error))))
    return () => {
      isOver = true
    }
  }, [id, version.id])
  if (problem !== undefined) return <p className="note warn-text">{problem}</p>
  return (
    <canvas
      ref={canvas}
      className="version-picture"
      role="img"
      aria-label={t('The document in “{name}”', { name: version.name })}
      data-testid="version-picture"
    />
  )
}
