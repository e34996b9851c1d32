//! The columns of the call history.

use crate::export::definition::{Definition, columns};

/// The call history.
pub static CALLS: Definition = Definition {
    name: "calls",
    version: 5,
    columns: columns! {
        "created_at": "Created", "Creada", "Criada", "Creada";
        "call_id": "Call", "Llamada", "Chamada", "Trucada";
        "status": "Status", "Estado", "Status", "Estat";
        "outcome": "Outcome", "Desenlace", "Desfecho", "Desenllaç";
        "reason": "Reason", "Motivo", "Motivo", "Motiu";
        "origin": "Begun by", "Iniciada por", "Iniciada por", "Iniciada per";
        "product_id": "Product ID", "ID del producto", "ID do produto", "ID del producte";
        "product_name": "Product", "Producto", "Produto", "Producte";
        "product_image": "Product image", "Imagen del producto", "Imagem do produto", "Imatge del producte";
        "customer_id": "Customer ID", "ID del cliente", "ID do cliente", "ID del client";
        "customer_name": "Customer", "Cliente", "Cliente", "Client";
        "customer_email": "Customer's e-mail", "Correo del cliente", "E-mail do cliente", "Correu del client";
        "customer_phone": "Customer's telephone", "Teléfono del cliente", "Telefone do cliente", "Telèfon del client";
        "shopper": "Shopper", "Personal shopper", "Personal shopper", "Personal shopper";
        "shoppers": "All shoppers", "Todos los shoppers", "Todos os shoppers", "Tots els shoppers";
        "device": "Device", "Dispositivo", "Dispositivo", "Dispositiu";
        "language": "Language", "Idioma", "Idioma", "Idioma";
        "country": "Country", "País", "País", "País";
        "collections": "Collections", "Colecciones", "Coleções", "Col·leccions";
        "waited_s": "Waited (s)", "Espera (s)", "Espera (s)", "Espera (s)";
        "started_at": "Started", "Inicio", "Início", "Inici";
        "ended_at": "Ended", "Fin", "Fim", "Fi";
        "duration_s": "Duration (s)", "Duración (s)", "Duração (s)", "Durada (s)";
        "products_shown": "Products shown", "Productos mostrados", "Produtos mostrados", "Productes mostrats";
        "carts": "Carts", "Carritos", "Carrinhos", "Cistelles";
        "orders": "Orders", "Pedidos", "Pedidos", "Comandes";
        "units": "Units sold", "Unidades vendidas", "Unidades vendidas", "Unitats venudes";
        "currency": "Currency", "Moneda", "Moeda", "Moneda";
        "sales": "Sales", "Ventas", "Vendas", "Vendes";
        "collection_units": "Units of the collection", "Unidades de la colección", "Unidades da coleção", "Unitats de la col·lecció";
        "collection_sales": "Sales of the collection", "Ventas de la colección", "Vendas da coleção", "Vendes de la col·lecció";
        "nps": "NPS answer", "Respuesta NPS", "Resposta NPS", "Resposta NPS";
        "nps_class": "NPS class", "Clase NPS", "Classe NPS", "Classe NPS";
        "csat": "Satisfaction", "Satisfacción", "Satisfação", "Satisfacció";
        "face": "Face", "Cara", "Rosto", "Cara";
        "comment": "Comment", "Comentario", "Comentário", "Comentari";
        "recordings": "Recordings", "Grabaciones", "Gravações", "Enregistraments";
        "conversation_id": "Conversation", "Conversación", "Conversa", "Conversa";
        "chat": "Chat", "Chat", "Chat", "Xat";
        "environment": "Environment", "Entorno", "Ambiente", "Entorn";
        "shopper_id": "Personal shopper's ID", "ID del personal shopper", "ID do personal shopper", "ID del personal shopper";
        "shopper_ids": "All shoppers' IDs", "ID de todos los shoppers", "IDs de todos os shoppers", "ID de tots els shoppers";
    },
};
