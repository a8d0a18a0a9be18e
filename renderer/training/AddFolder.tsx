import { Images } from 'lucide-react'
import { useRef } from 'react'
import { Button } from '../components/Button.tsx'
import { PathForm } from '../components/PathForm.tsx'
import { t } from '../language/language.ts'
import { folderOf, knowsPaths } from '../state/model-files.ts'
import { sentenceOf } from '../state/problem.ts'
import { addFolder, useTeach } from '../state/teach.ts'

/** A folder of pictures is looked through where it lies: chosen, or by its path. */
export function AddFolder({ title }: { title: string }) {
  const { path, adding, failure } = useTeach()
  return (
    <section className="mbox" aria-labelledby="folder-title" data-region="add-folder">
      <h2 id="folder-title">
        <Images size={16} strokeWidth={1.5} aria-hidden="true" />
        {title}
      </h2>
      <p className="mwords t12">
        {t(
          'A folder with pictures of one thing, or of one style. Their words are read from text files of the same names. Everything stays where it lies, and on this computer.',
        )}
      </p>
      <PathForm
        words={t('Path of a folder')}
        path={path}
        adding={adding}
        inputId="folder-path"
        buttonId="add-folder"
        onChange={path => useTeach.setState({ path })}
        onAdd={path => void addFolder(path)}
      />
      {knowsPaths() && <ChooseFolder adding={adding} />}
      {failure !== undefined && (
        <p className="mwords mproblem t12" role="alert" data-testid="folder-failure">
          {sentenceOf(failure)}
        </p>
      )}
    </section>
  )
}

/** The system's own dialog. */
function ChooseFolder({ adding }: { adding: boolean }) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <div className="mdo">
      <input
        ref={element => {
          input.current = element
          if (element) element.webkitdirectory = true
        }}
        type="file"
        hidden
        aria-hidden="true"
        tabIndex={-1}
        onChange={event => {
          const [file] = event.target.files ?? []
          const path = file && window.sfumato?.pathForFile?.(file)
          if (file && path) void addFolder(folderOf(path, file.webkitRelativePath))
          event.target.value = ''
        }}
      />
      <Button small disabled={adding} onClick={() => input.current?.click()}>
        {t('Choose a folder…')}
      </Button>
    </div>
  )
}
