import { HardDriveDownload } from 'lucide-react'
import { useRef } from 'react'
import { Button } from '../components/Button.tsx'
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
        Add files or a folder
      </h2>
      <p className="mwords t12">
        {isTold ? 'Drop them here, or give a path. ' : ''}Checkpoints, LoRAs, embeddings, ControlNets, VAEs; or the
        whole model folder of another program. They are used where they lie and never changed.
      </p>
      <form
        className="get-form"
        onSubmit={event => {
          event.preventDefault()
          if (!adding && path.trim() !== '') void importPaths([path.trim().replace(/^"(.*)"$/, '$1')])
        }}
      >
        <label className="field">
          <span className="sr">Path of a file or folder</span>
          <input
            type="text"
            placeholder="Path of a file or folder"
            spellCheck={false}
            autoComplete="off"
            value={path}
            onChange={event => useModels.setState({ path: event.target.value })}
            data-testid="model-path"
          />
        </label>
        <Button small type="submit" busy={adding} disabled={adding || path.trim() === ''} data-testid="add-models">
          Add
        </Button>
      </form>
      {isTold && (
        <div className="mdo">
          <Choose words="Choose files…" adding={adding} />
          <Choose words="Choose a folder…" adding={adding} isFolder />
        </div>
      )}
      {adding && (
        <p className="mwords t12" role="status">
          Looking through what is there.
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
