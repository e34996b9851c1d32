### What people read on the pages, in Catalan.

language = Idioma
loading = Un moment
you = Vós
somebody = el vostre assessor personal
the-customer = el vostre client
try-again = Torna-ho a provar
never-mind = Deixa-ho

title-loading = Un moment
title-sign_in = Inici de sessió
title-ready = Abans de la trucada
title-waiting = En espera
title-call = Trucada
title-survey = La vostra opinió
title-thanks = Gràcies
title-over = La trucada
title-trouble = La trucada

sign-in = Ens alegra veure-us
sign-in-kind = Per a l'equip
sign-in-email = Correu electrònic
sign-in-password = Contrasenya
sign-in-do = Inicia la sessió

ready-kind-customer = La vostra cita personal
ready-kind-shopper = Trucada d'un client
ready-title-customer = Quan vulgueu
ready-title-live = { $name } us espera
ready-title-scheduled = La vostra cita
ready-title-shopper = { $name } us vol veure
ready-about = Sobre: { $product }
preview = Previsualització de la càmera
preview-comes-here = La vostra imatge apareixerà aquí. Encara no la veu ningú més.
camera-is-off = La càmera està apagada
your-picture = La vostra imatge

permission-why = El navegador us demanarà dos permisos. Serveixen per a això.
permission-camera = Càmera: perquè us vegin. La podeu apagar en qualsevol moment.
permission-microphone = Micròfon: perquè us sentin. El podeu silenciar en qualsevol moment.
permission-yours = No s'envia res abans d'entrar.
permission-allow = Continua amb càmera
permission-sound-only = Sense càmera
permission-none = Només veure, sentir i escriure

device-camera = Càmera
device-microphone = Micròfon
device-speaker = Altaveu
device-number = Dispositiu { $number }
level = Nivell del micròfon

failure-both = La càmera i el micròfon no estan disponibles.
failure-camera = La càmera no està disponible.
failure-microphone = El micròfon no està disponible.
failure-permission_denied = El navegador ho ha blocat. Permeteu-ho al costat de l'adreça, a dalt, i torneu-ho a provar; o entreu sense.
failure-device_missing = No se n'ha trobat cap. Connecteu-ne un i torneu-ho a provar; o entreu sense.
failure-device_in_use = Un altre programa l'està fent servir. Tanqueu-lo i torneu-ho a provar; o entreu sense.

consent-privacy = Política de privadesa
consent-terms = Condicions
come-in-join = Entra a la trucada
come-in-take = Atén aquesta trucada
come-in-start = Comença la trucada

waiting-kind = A la cua
waiting-kind-claimed = De seguida
waiting-soon = Us atendrem aviat
waiting-next = És el vostre torn
waiting-place = El vostre lloc a la cua
waiting-ahead = { $ahead ->
    [one] Hi ha una persona davant vostre.
   *[other] Hi ha { $ahead } persones davant vostre.
}
waiting-stay = Quedeu-vos en aquesta pàgina. La trucada comença sola.
waiting-estimate = { $minutes ->
    [one] Aproximadament un minut
   *[other] Aproximadament { $minutes } minuts
}
waiting-open-at = Hi tornarem a ser a partir de les { $at }.
waiting-claimed = { $name } ja ve
waiting-claimed-more = La trucada comença sola.
waiting-write = Escriviu mentrestant
waiting-leave = Surt de la cua

call-with = Trucada amb { $name }
controls = Controls de la trucada
mute = Silencia
unmute = Activa el micròfon
camera-turn-off = Apaga la càmera
camera-turn-on = Encén la càmera
camera-switch = L'altra càmera
share = Comparteix la pantalla
share-stop = Deixa de compartir
you-share = Esteu compartint la pantalla
shares-screen = comparteix la pantalla
pip = Imatge sobre imatge
chat = Xat
chat-unread = { $count ->
    [one] Xat, un missatge nou
   *[other] Xat, { $count } missatges nous
}
products = Productes
people = Persones
devices = Dispositius
panel-close = Tanca
end = Acaba la trucada
end-title = Voleu acabar la trucada?
end-what = També s'acaba per a { $name }.
end-yes = Acaba la trucada
end-leave = Surt sense acabar-la
people-joined = { $name } ha entrat
people-left = { $name } ha sortit
end-no = Queda't
hear = Activa el so
is-recorded = S'enregistra
is-muted = en silenci
is-heard = micròfon activat
is-seen = càmera encesa
is-unseen = càmera apagada
picture-of = Imatge de { $name }
screen-of = Pantalla de { $name }
kind-customer = Client
kind-shopper = Assessor personal

tape-start = Enregistra la trucada
tape-stop = Atura l'enregistrament
tape-title = Es pot enregistrar aquesta trucada?
tape-what = { $name } la vol enregistrar. La trucada continua en qualsevol cas.
tape-yes = Es pot enregistrar
tape-no = No, gràcies
tape-asked = Ho estem preguntant al client
tape-declined = El client no vol que s'enregistri la trucada
tape-begins = A partir d'ara s'enregistra la trucada
tape-ends = L'enregistrament s'ha aturat
tape-agree = Accepto que s'enregistri aquesta trucada. (També es fa sense enregistrar.)

link-connecting = S'està connectant…
link-reconnecting = S'ha perdut la connexió. L'estem recuperant…
live-lost = S'està tornant a connectar…
alone = { $name } serà aquí de seguida
link-failure-ice_failed = No s'ha trobat camí fins a l'altra banda. Ho continuem provant; una altra xarxa pot ajudar.
link-failure-dtls_failed = No s'ha pogut establir una connexió segura. Ho continuem provant.
link-failure-timeout = No hi ha resposta. Ho continuem provant.
link-failure-bad_offer = Ara no es pot entrar en aquesta trucada.
link-failure-room_full = Aquesta trucada és plena.
link-failure-permission_denied = El navegador no ho permet.
link-failure-device_missing = Falta un dispositiu.
link-failure-device_in_use = Un altre programa fa servir un dispositiu.

chat-log = El que s'ha escrit
chat-empty = Encara no s'ha escrit res.
chat-write = Escriviu un missatge
chat-send = Envia
chat-typing = Escrivint…
file = Fitxer
file-send = Envia un fitxer
file-too-large = Un fitxer pot tenir com a màxim { $max }.
file-not-to-be-had = Ara no es pot obrir el fitxer.
message-sending = S'està enviant…
message-failed = No s'ha enviat.
message-erased = Aquest missatge s'ha esborrat.

products-shown = Mostrats en aquesta trucada
products-none-customer = El que us mostrin apareixerà aquí.
products-none-shopper = Encara no s'ha mostrat res.
product-new = Mostra un producte
product-name = Nom
product-sku = Referència
product-price = Preu ({ $currency })
product-image = Adreça d'una imatge
product-variants = Talles o colors, un per línia: referència = nom
variant = Talla o color
product-show = Mostra al client
product-show-again = Torna a mostrar
product-failed = No s'ha pogut mostrar. Reviseu el que heu escrit i torneu-ho a provar.
price-on-request = Preu a consultar
cart = Bossa
cart-empty = La bossa és buida.
cart-total = Total
cart-add = Posa a la bossa
cart-added = A la bossa
cart-failed = No s'ha pogut canviar la bossa. Torneu-ho a provar.
quantity = Quantitat de { $product }
quantity-less = Un menys
quantity-more = Un més

notice-product-shown = Us estan mostrant un producte
notice-product-sent = El client ja ho veu
notice-cart-added = { $product } és a la vostra bossa
notice-cart-added-by-customer = El client ha posat alguna cosa a la bossa
copy-link = Copia l'enllaç
copy-link-what = Qui el tingui pot participar en aquesta trucada com el client.
link-copied = S'ha copiat l'enllaç
link-not-copied = No s'ha pogut copiar l'enllaç

survey-kind = Dues preguntes
survey-title = Quina probabilitat hi ha que recomaneu { $shop } a un amic?
survey-least = Gens probable
survey-most = Molt probable
survey-face = I com ha anat la trucada?
survey-comment = Voleu dir alguna cosa a { $name }?
survey-send = Envia
survey-skip = Omet
thanks = Gràcies
thanks-more = Ha estat un plaer. A { $shop } esperem veure-us aviat.

over-ended = La trucada s'ha acabat
over-ended-customer = Gràcies per la visita.
over-ended-shopper = El que hi ha passat és a l'historial.
over-lasted = Va durar { $time }.
over-cancelled = La trucada s'ha cancel·lat
over-cancelled-customer = En podeu demanar una altra a la botiga quan vulgueu.
over-cancelled-shopper = El client ja no espera.
over-no_agent = No ha pogut venir ningú
over-no_agent-customer = Ho sentim. Podeu demanar una altra trucada a la botiga quan vulgueu.
over-no_agent-shopper = El client ja no espera.
over-taken = Un company atén aquesta trucada
over-taken-customer = Podeu tancar aquesta pàgina.
over-taken-shopper = Podeu tancar aquesta pàgina.

trouble-link = Aquest enllaç ja no obre res
trouble-link-more = Servia per a una sola trucada. En podeu demanar una altra a la botiga.
trouble-not_found = Aquesta trucada no existeix
trouble-not_found-more = Comproveu que s'hagi copiat l'adreça sencera.
trouble-not_allowed = Aquesta trucada no us és oberta
trouble-not_allowed-more = Qui administra el vostre compte ho pot canviar.
trouble-unreachable = No es pot accedir al servidor
trouble-unreachable-more = Comproveu la connexió a internet.
trouble-browser = Aquest navegador no admet videotrucades
trouble-browser-more = Obriu l'enllaç en un navegador recent, amb una adreça segura.
refusal-unreachable = No hi ha resposta. Torneu-ho a provar d'aquí a un moment.

floor-title = La botiga
floor-kind = Avui
floor-waiting = Esperen ara
floor-mine = Les vostres trucades
floor-nobody = No espera ningú.
floor-none = No teniu cap trucada.
floor-take = Obre
floor-since = des de les { $at }
floor-sign-out = Tanca la sessió
floor-private = Una trucada privada
floor-private-make = Crea la trucada
floor-trial = Prova
floor-trial-make = Només és una prova: no surt a cap informe
floor-name = Nom del client
floor-email = Correu del client

recording-title = Enregistrament
recording-none = No hi ha enregistrament d'aquesta trucada.
recording-play = Reprodueix
recording-pause = Pausa
recording-seek = Posició
recording-not-ready = Encara no està a punt.
recording-lost = S'ha perdut.

ratings-title = Què en pensen els clients
ratings-period = Últims 90 dies
ratings-none = Encara no hi ha valoracions.
ratings-satisfied = Satisfet
ratings-neutral = Neutral
ratings-dissatisfied = Insatisfet
ratings-count = { $count ->
    [one] { $count } valoració
   *[other] { $count } valoracions
  }
ratings-served = Segons qui va atendre
ratings-latest = Últimes valoracions
ratings-gone = Qui ja no és a la botiga
ratings-all = Tots els canals
ratings-no-channel = Aquesta botiga no mostra valoracions.
ratings-not-public = Aquestes valoracions no són públiques.
