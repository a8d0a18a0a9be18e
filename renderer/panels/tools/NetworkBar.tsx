import { useRef } from 'react'
import { useCanvas } from '../../canvas/actions/canvas-state.ts'
import { networkNow, objectNetworks } from '../../canvas/actions/objects.ts'
import { Button } from '../../components/Button.tsx'
import { t } from '../../language/language.ts'
import { useEngine } from '../../state/engine.ts'
import { importFiles } from '../../state/model-files.ts'
import { setOption, useTools } from '../../state/tools.ts'

/** Which network finds what the wand clicks; the way to bring one. */
export function NetworkBar() {
  const isShown = useTools(state => state.values.wand?.way === 'network')
  const chosen = useTools(state => state.values.wand?.network)
  const models = useEngine(state => state.others)
  const isLooking = useCanvas(state => state.isLooking)
  if (!isShown) return null
  const networks = objectNetworks(models)
  const now = networkNow(chosen, models)
  return (
    <>
      {networks.length > 0 && (
        <select
          className="field"
          aria-label={t('Network that finds objects')}
          value={now?.id ?? ''}
          title={now?.problem}
          onChange={event => setOption('wand', 'network', event.target.value)}
          data-testid="wand-network"
        >
          {now === undefined && <option value="">{t('Choose one')}</option>}
          {networks.map(({ id, name, problem }) => (
            <option key={id} value={id}>
              {problem === undefined ? name : t('{name} (half)', { name })}
            </option>
          ))}
        </select>
      )}
      <Bring />
      <span className="t12 t3" role="status">
        {isLooking ? t('Looking at the picture') : ''}
      </span>
    </>
  )
}

/** A file of this computer, used where it lies. */
function Bring() {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <input
        ref={input}
        type="file"
        accept=".onnx"
        multiple
        hidden
        aria-hidden="true"
        tabIndex={-1}
        onChange={event => {
          const files = [...(event.target.files ?? [])]
          event.target.value = ''
          if (files.length > 0) void importFiles(files)
        }}
        data-testid="network-files"
      />
      <Button
        look="ghost"
        small
        title={t('ONNX files: both halves of Segment Anything or a relative, or a network that gives a mask')}
        onClick={() => input.current?.click()}
        data-testid="bring-network"
      >
        {t('Bring a file…')}
      </Button>
    </>
  )
}
