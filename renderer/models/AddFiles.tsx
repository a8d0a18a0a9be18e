import { HardDriveDownload } from 'lucide-react'
import { useRef } from 'react'
import { Button } from '../components/Button.tsx'
import { PathForm } from '../components/PathForm.tsx'
import { t } from '../language/language.ts'
import { importFiles, importPaths, knowsPaths } from '../state/model-files.ts'
import { useModels } from '../state/models.ts'

/** Files and folders of this computer are added where they lie: dropped anywhere, chosen, or by their path. */
export function AddFiles() {
  const { path, adding } = useModels()
  const isTold = knowsPaths()
  return (
    <section className="mbox mdrop" aria-labelledby="add-title" data-region="add-files">
      <h2 id="add-title">
        <HardDriveDownload size={16} strokeWidth={1.5} aria-hidden="true" />
        {t('Add files or a folder')}
      </h2>
      <p className="mwords t12">
        {isTold && `${t('Drop them here, or give a path.')} `}
        {t(
          'Checkpoints, LoRAs, embeddings, ControlNets, VAEs; or the whole model folder of another program. They are used where they lie and never changed.',
        )}
      </p>
      <PathForm
        words={t('Path of a file or folder')}
        path={path}
        adding={adding}
        inputId="model-path"
        buttonId="add-models"
        onChange={path => useModels.setState({ path })}
        onAdd={path => void importPaths([path])}
      />
      {isTold && (
        <div className="mdo">
          <Choose words={t('Choose files…')} adding={adding} />
          <Choose words={t('Choose a folder…')} adding={adding} isFolder />
        </div>
      )}
      {adding && (
        <p className="mwords t12" role="status">
          {t('Looking through what is there.')}
        </p>
      )}
    </section>
  )
}

/** The system's own dialog. */
function Choose({ words, adding, isFolder = false }: { words: string; adding: boolean; isFolder?: boolean }) {
  const input = useRef<HTMLInputElement>(null)
  const open = () => {
    if (input.current === null) return
    input.current.webkitdirectory = isFolder
    input.current.click()
  }
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple={!isFolder}
        hidden
        aria-hidden="true"
        tabIndex={-1}
        onChange={event => {
          const files = [...(event.target.files ?? [])]
          event.target.value = ''
          if (files.length > 0) void importFiles(files)
        }}
      />
      <Button small disabled={adding} onClick={open}>
        {words}
      </Button>
    </>
  )
}
