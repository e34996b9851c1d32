### What people read on the pages, in Spanish.

language = Idioma
loading = Un momento
you = Usted
somebody = su asesor personal
the-customer = su cliente
try-again = Reintentar
never-mind = Dejarlo

title-loading = Un momento
title-sign_in = Iniciar sesión
title-ready = Antes de la llamada
title-waiting = En espera
title-call = Llamada
title-survey = Su opinión
title-thanks = Gracias
title-over = La llamada
title-trouble = La llamada

sign-in = Nos alegra verle
sign-in-kind = Para el equipo
sign-in-email = Correo electrónico
sign-in-password = Contraseña
sign-in-do = Iniciar sesión

ready-kind-customer = Su cita personal
ready-kind-shopper = Llamada de un cliente
ready-title-customer = Cuando usted quiera
ready-title-live = { $name } le espera
ready-title-scheduled = Su cita
ready-title-shopper = { $name } quiere verle
ready-about = Sobre: { $product }
preview = Vista previa de su cámara
preview-comes-here = Su imagen aparecerá aquí. Nadie más la ve todavía.
camera-is-off = Su cámara está apagada
your-picture = Su propia imagen

permission-why = El navegador le pedirá dos permisos. Esto es para lo que sirven.
permission-camera = Cámara: para que le vean. Puede apagarla en cualquier momento.
permission-microphone = Micrófono: para que le oigan. Puede silenciarlo en cualquier momento.
permission-yours = No se envía nada antes de entrar.
permission-allow = Continuar con cámara
permission-sound-only = Sin cámara
permission-none = Solo ver, oír y escribir

device-camera = Cámara
device-microphone = Micrófono
device-speaker = Altavoz
device-number = Dispositivo { $number }
level = Nivel de su micrófono

failure-both = La cámara y el micrófono no están disponibles.
failure-camera = La cámara no está disponible.
failure-microphone = El micrófono no está disponible.
failure-permission_denied = El navegador lo ha bloqueado. Permítalo junto a la dirección, arriba, y reinténtelo; o entre sin él.
failure-device_missing = No se ha encontrado ninguno. Conecte uno y reinténtelo; o entre sin él.
failure-device_in_use = Otro programa lo está usando. Ciérrelo y reinténtelo; o entre sin él.

consent-privacy = Política de privacidad
consent-terms = Condiciones
come-in-join = Entrar en la llamada
come-in-take = Atender esta llamada
come-in-start = Empezar la llamada

waiting-kind = En la cola
waiting-kind-claimed = Enseguida
waiting-soon = Le atenderemos en breve
waiting-next = Es su turno
waiting-place = Su lugar en la cola
waiting-ahead = { $ahead ->
    [one] Hay una persona delante.
   *[other] Hay { $ahead } personas delante.
}
waiting-stay = Quédese en esta página. La llamada empieza sola.
waiting-estimate = { $minutes ->
    [one] Aproximadamente un minuto
   *[other] Aproximadamente { $minutes } minutos
}
waiting-open-at = Volveremos a estar a partir de las { $at }.
waiting-claimed = { $name } está a punto de llegar
waiting-claimed-more = La llamada empieza sola.
waiting-write = Escribir mientras tanto
waiting-leave = Salir de la cola

call-with = Llamada con { $name }
controls = Controles de la llamada
mute = Silenciar
unmute = Activar el micrófono
camera-turn-off = Apagar la cámara
camera-turn-on = Encender la cámara
camera-switch = Otra cámara
share = Compartir la pantalla
share-stop = Dejar de compartir
you-share = Está compartiendo su pantalla
shares-screen = comparte la pantalla
pip = Imagen sobre imagen
chat = Chat
chat-unread = { $count ->
    [one] Chat, un mensaje nuevo
   *[other] Chat, { $count } mensajes nuevos
}
products = Productos
people = Personas
devices = Dispositivos
panel-close = Cerrar
end = Terminar la llamada
end-title = ¿Terminar la llamada?
end-what = También termina para { $name }.
end-yes = Terminar la llamada
end-leave = Salir sin terminarla
people-joined = { $name } ha entrado
people-left = { $name } ha salido
end-no = Quedarse
hear = Activar el sonido
is-recorded = Grabando
is-muted = en silencio
is-heard = micrófono activado
is-seen = cámara encendida
is-unseen = cámara apagada
picture-of = Imagen de { $name }
screen-of = Pantalla de { $name }
kind-customer = Cliente
kind-shopper = Asesor personal

tape-start = Grabar la llamada
tape-stop = Dejar de grabar
tape-title = ¿Se puede grabar esta llamada?
tape-what = { $name } quiere grabarla. La llamada sigue en cualquier caso.
tape-yes = Se puede grabar
tape-no = No, gracias
tape-asked = Se lo estamos preguntando al cliente
tape-declined = El cliente no quiere que se grabe la llamada
tape-begins = A partir de ahora se graba la llamada
tape-ends = La grabación se ha detenido
tape-agree = Acepto que se grabe esta llamada. (También se hace sin grabarla.)

link-connecting = Conectando…
link-reconnecting = Se ha perdido la conexión. La estamos recuperando…
live-lost = Conectando de nuevo…
alone = { $name } estará aquí enseguida
link-failure-ice_failed = No se ha encontrado camino hasta la otra parte. Seguimos intentándolo; otra red puede ayudar.
link-failure-dtls_failed = No se ha podido establecer una conexión segura. Seguimos intentándolo.
link-failure-timeout = No hay respuesta. Seguimos intentándolo.
link-failure-bad_offer = Ahora no se puede entrar en esta llamada.
link-failure-room_full = Esta llamada está completa.
link-failure-permission_denied = El navegador no lo permite.
link-failure-device_missing = Falta un dispositivo.
link-failure-device_in_use = Otro programa está usando un dispositivo.

chat-log = Lo que se ha escrito
chat-empty = Todavía no se ha escrito nada.
chat-write = Escriba un mensaje
chat-send = Enviar
chat-typing = Escribiendo…
file = Archivo
file-send = Enviar un archivo
file-too-large = Un archivo puede tener como máximo { $max }.
file-not-to-be-had = Ahora no se puede abrir el archivo.
message-sending = Enviando…
message-failed = No se ha enviado.
message-erased = Este mensaje se ha borrado.

products-shown = Mostrados en esta llamada
products-none-customer = Lo que le muestren aparecerá aquí.
products-none-shopper = Todavía no se ha mostrado nada.
product-new = Mostrar un producto
product-name = Nombre
product-sku = Referencia
product-price = Precio ({ $currency })
product-image = Dirección de una imagen
product-variants = Tallas o colores, uno por línea: referencia = nombre
variant = Talla o color
product-show = Mostrar al cliente
product-show-again = Mostrar de nuevo
product-failed = No se ha podido mostrar. Revise lo escrito y reinténtelo.
price-on-request = Precio a consultar
cart = Bolsa
cart-empty = La bolsa está vacía.
cart-total = Total
cart-add = Añadir a la bolsa
cart-added = En la bolsa
cart-failed = No se ha podido cambiar la bolsa. Reinténtelo.
quantity = Cantidad de { $product }
quantity-less = Uno menos
quantity-more = Uno más

notice-product-shown = Le están mostrando un producto
notice-product-sent = El cliente ya lo ve
notice-cart-added = { $product } está en su bolsa
notice-cart-added-by-customer = El cliente ha puesto algo en la bolsa
copy-link = Copiar el enlace
copy-link-what = Quien lo tenga puede participar en esta llamada como el cliente.
link-copied = Enlace copiado
link-not-copied = No se ha podido copiar el enlace

survey-kind = Dos preguntas
survey-title = ¿Qué probabilidad hay de que recomiende { $shop } a un amigo?
survey-least = Nada probable
survey-most = Muy probable
survey-face = ¿Y qué tal la llamada?
survey-comment = ¿Quiere decirle algo a { $name }?
survey-send = Enviar
survey-skip = Omitir
thanks = Gracias
thanks-more = Ha sido un placer. En { $shop } esperamos verle pronto.

over-ended = La llamada ha terminado
over-ended-customer = Gracias por su visita.
over-ended-shopper = Lo ocurrido está en su historial.
over-lasted = Duró { $time }.
over-cancelled = La llamada se ha cancelado
over-cancelled-customer = Puede pedir otra en la tienda cuando quiera.
over-cancelled-shopper = El cliente ya no espera.
over-no_agent = No ha podido venir nadie
over-no_agent-customer = Lo sentimos. Puede pedir otra llamada en la tienda cuando quiera.
over-no_agent-shopper = El cliente ya no espera.
over-taken = Un compañero atiende esta llamada
over-taken-customer = Puede cerrar esta página.
over-taken-shopper = Puede cerrar esta página.

trouble-link = Este enlace ya no abre nada
trouble-link-more = Servía para una sola llamada. Puede pedir otra en la tienda.
trouble-not_found = No existe esta llamada
trouble-not_found-more = Compruebe que se haya copiado la dirección entera.
trouble-not_allowed = Esta llamada no está abierta para usted
trouble-not_allowed-more = Quien administra su cuenta puede cambiarlo.
trouble-unreachable = No se puede acceder al servidor
trouble-unreachable-more = Compruebe su conexión a internet.
trouble-browser = Este navegador no admite videollamadas
trouble-browser-more = Abra el enlace en un navegador reciente, con una dirección segura.
refusal-unreachable = No hay respuesta. Reinténtelo dentro de un momento.

floor-title = La tienda
floor-kind = Hoy
floor-waiting = Esperan ahora
floor-mine = Sus llamadas
floor-nobody = No espera nadie.
floor-none = No tiene ninguna llamada.
floor-take = Abrir
floor-since = desde las { $at }
floor-sign-out = Cerrar sesión
floor-private = Una llamada privada
floor-private-make = Crear la llamada
floor-trial = Prueba
floor-trial-make = Solo es una prueba: no aparece en ningún informe
floor-name = Nombre del cliente
floor-email = Correo del cliente

recording-title = Grabación
recording-none = No hay grabación de esta llamada.
recording-play = Reproducir
recording-pause = Pausar
recording-seek = Posición
recording-not-ready = Todavía no está lista.
recording-lost = Se ha perdido.

ratings-title = Qué opinan los clientes
ratings-period = Últimos 90 días
ratings-none = Todavía no hay valoraciones.
ratings-satisfied = Satisfecho
ratings-neutral = Neutral
ratings-dissatisfied = Insatisfecho
ratings-count = { $count ->
    [one] { $count } valoración
   *[other] { $count } valoraciones
  }
ratings-served = Según quién atendió
ratings-latest = Últimas valoraciones
ratings-gone = Personas que ya no están en la tienda
ratings-all = Todos los canales
ratings-no-channel = Esta tienda no muestra valoraciones.
ratings-not-public = Estas valoraciones no son públicas.
