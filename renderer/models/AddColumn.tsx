import { ShieldAlert, X } from 'lucide-react'
import { IconButton } from '../components/IconButton.tsx'
import { useEngine } from '../state/engine.ts'
import { dismissRefusal, type Refusal, useModels } from '../state/models.ts'
import { DownloadCard } from './DownloadCard.tsx'
import { GetModels, KnownModels } from './GetModels.tsx'
import { ModelDetails } from './ModelDetails.tsx'
import { Told } from './Told.tsx'

/** Beside the cards: details of the opened one, the way to get models, what is on its way, what was refused. */
export function AddColumn() {
  const models = useEngine(state => state.models)
  const downloads = useEngine(state => state.downloads)
  const opened = useModels(state => state.opened)
  const refusals = useModels(state => state.refusals)
  const model = models.find(({ id }) => id === opened)
  const newestFirst = Object.values(downloads).toSorted((a, b) => b.agreedAt - a.agreedAt)
  return (
    <aside className="models-column" aria-label="Details and getting models">
      {model !== undefined && <ModelDetails model={model} />}
      <GetModels />
      {newestFirst.map(download => (
        <DownloadCard key={download.id} download={download} />
      ))}
      {refusals.map(refusal => (
        <RefusalCard key={refusal.reference} refusal={refusal} />
      ))}
      <KnownModels />
    </aside>
  )
}

function RefusalCard({ refusal: { reference, failure } }: { refusal: Refusal }) {
  return (
    <section className="mbox" aria-label={`Refused: ${reference}`} data-testid="refusal">
      <h2>
        <ShieldAlert size={16} strokeWidth={1.5} className="danger-text" aria-hidden="true" />
        <span className="grow cut" title={reference}>
          {reference}
        </span>
        <IconButton label="Dismiss" small onClick={() => dismissRefusal(reference)}>
          <X size={14} strokeWidth={1.5} />
        </IconButton>
      </h2>
      <Told problem={failure} />
    </section>
  )
}
